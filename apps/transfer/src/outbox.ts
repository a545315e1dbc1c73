import {
  type Data,
  DocumentAdded,
  DocumentRemoved,
  DownloadEnded,
  type EventContract,
  TrafficCounted,
} from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { ReadModel } from '@allibrary/platform';

/** The events that this service says, by the subject under which the outbox keeps them. */
const SAID: Record<string, EventContract> = Object.fromEntries(
  [DocumentAdded, DocumentRemoved, DownloadEnded, TrafficCounted].map((contract) => [contract.subject, contract]),
);

/** Facts that were stored in the same transaction as what they tell of, and are published in their order afterwards. */
export class Outbox {
  #flushing: Promise<void> | undefined;

  constructor(
    private readonly model: ReadModel,
    private readonly bus: Bus,
  ) {}

  /** Keeps a fact; to be called inside the transaction that makes it true. */
  add<C extends EventContract>(contract: C, data: Data<C>): void {
    this.model.db
      .prepare('INSERT INTO outbox (subject, data) VALUES (?, ?)')
      .run(contract.subject, JSON.stringify(data));
  }

  /** Publishes what is kept; rejects when the broker does not take it, and then keeps it. */
  async flush(): Promise<void> {
    while (this.#flushing) await this.#flushing.catch(() => {});
    this.#flushing = this.#publishAll().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async #publishAll(): Promise<void> {
    const next = this.model.db.prepare('SELECT id, subject, data FROM outbox ORDER BY id LIMIT 1');
    const done = this.model.db.prepare('DELETE FROM outbox WHERE id = ?');
    for (let row = next.get(); row; row = next.get()) {
      const contract = SAID[String(row['subject'])];
      if (contract) await this.bus.publish(contract, JSON.parse(String(row['data'])));
      done.run(Number(row['id']));
    }
  }
}
