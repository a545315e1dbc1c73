import { Get } from '@nestjs/common';
import { Answers, ApiController } from '../http/api-controller.ts';
import { NodeStatus, StatusReport } from './node-status.ts';

/** How this node stands. */
@ApiController('status')
export class StatusController {
  constructor(private readonly status: NodeStatus) {}

  @Get()
  @Answers('Identity, connection, documents and speeds; null where a service does not answer.', 200, StatusReport)
  get(): Promise<StatusReport> {
    return this.status.report();
  }
}
