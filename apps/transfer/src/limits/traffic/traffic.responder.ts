import { GetRates, GetTraffic, type ReplyOf, type TrafficReport } from '@allibrary/contracts';
import { OnRequest } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { NodeLimits } from '../node-limits.ts';

/** Questions about traffic and its limits. */
@Controller()
export class TrafficResponder {
  constructor(private readonly limits: NodeLimits) {}

  @OnRequest(GetTraffic)
  traffic(): TrafficReport {
    return this.limits.report();
  }

  @OnRequest(GetRates)
  rates(): ReplyOf<typeof GetRates> {
    return {
      downloadBytesPerSecond: this.limits.bytesPerSecond('received'),
      uploadBytesPerSecond: this.limits.bytesPerSecond('sent'),
    };
  }
}
