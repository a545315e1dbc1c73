import { type Data, TrafficCounted } from '@allibrary/contracts';
import { OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { TrafficLedger } from './traffic-ledger.ts';

/** What was counted before, by this process or another: it rebuilds the ledger. */
@Controller()
export class TrafficConsumer {
  constructor(private readonly ledger: TrafficLedger) {}

  @OnEvent(TrafficCounted)
  async onCounted(fact: Data<typeof TrafficCounted>): Promise<void> {
    this.ledger.take(fact);
  }
}
