import { GetTraffic, type TrafficReport } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';

/** What flows between this node and its peers. */
@Controller()
export class TrafficController {
  constructor(private readonly bus: Bus) {}

  @Handles('GET /traffic')
  get(): Promise<TrafficReport> {
    return this.bus.request(GetTraffic, {});
  }
}
