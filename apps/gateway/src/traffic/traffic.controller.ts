import { GetTraffic, TrafficReport } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Get } from '@nestjs/common';
import { Answers, ApiController } from '../http/api-controller.ts';

/** What flows between this node and its peers. */
@ApiController('traffic')
export class TrafficController {
  constructor(private readonly bus: Bus) {}

  @Get()
  @Answers('Rates, the limits in force and why, and what this month has used.', 200, TrafficReport)
  get(): Promise<TrafficReport> {
    return this.bus.request(GetTraffic, {});
  }
}
