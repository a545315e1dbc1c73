import type { StatusReport } from '@allibrary/api';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';
import { NodeStatus } from './node-status.ts';

/** Overview of this node. */
@Controller()
export class StatusController {
  constructor(private readonly status: NodeStatus) {}

  @Handles('GET /status')
  get(): Promise<StatusReport> {
    return this.status.report();
  }
}
