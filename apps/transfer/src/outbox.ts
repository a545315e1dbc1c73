import {
  type Data,
  DocumentAdded,
  DocumentDamaged,
  DocumentRemoved,
  DocumentRepaired,
  DownloadEnded,
  type EventContract,
} from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { ReadModel } from '@allibrary/platform';

/** The events that this service says, by the subject under which the outbox keeps them. */
const SAID: Record<string, EventContract> = Object.fromEntries(
  [DocumentAdded, DocumentDamaged, DocumentRemoved, DocumentRepaired, DownloadEnded].map((contract) => [
    contract.subject,
    contract,
  ]),
);

/** So many facts are on their way to the broker at once. */
const BATCH = 64;

interface Row {
  readonly id: number;
  readonly subject: string;
  /** The document that the fact tells of. */
  readonly about: string;
  readonly data: string;
}

/** Facts that were stored in the same transaction as what they tell of, and are published afterwards. */
export class Outbox {
  #flushing: Promise<void> | undefined;

  constructor(
    private readonly model: ReadModel,
    private readonly bus: Bus,
  ) {}

  /** Keeps a fact; to be called inside the transaction that makes it true. */
  add<C extends EventContract>(contract: C, data: Data<C> & { readonly documentId: string }): void {
    this.model
      .prepare('INSERT INTO outbox (subject, about, data) VALUES (?, ?, ?)')
      .run(contract.subject, data.documentId, JSON.stringify(data));
  }

  /** Publishes what is kept; rejects when the broker does not take it, and then keeps it. */
  async flush(): Promise<void> {
    while (this.#flushing) await this.#flushing.catch(() => {});
    this.#flushing = this.#publishAll().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  /** Facts about different things go out side by side; those about one thing one after the other, in their order. */
  async #publishAll(): Promise<void> {
    const next = this.model.prepare('SELECT id, subject, about, data FROM outbox ORDER BY id LIMIT ?');
    const done = this.model.prepare('DELETE FROM outbox WHERE id <= ?');
    for (;;) {
      const batch = beforeRepetition(next.all(BATCH) as unknown as Row[]);
      const last = batch.at(-1);
      if (!last) return;
      await Promise.all(batch.map((row) => this.#publish(row)));
      done.run(last.id);
    }
  }

  async #publish({ subject, data }: Row): Promise<void> {
    const contract = SAID[subject];
    if (contract) await this.bus.publish(contract, JSON.parse(data));
  }
}

/** The rows up to the first that tells of something that one of them tells of already. */
function beforeRepetition(rows: readonly Row[]): readonly Row[] {
  const seen = new Set<string>();
  const end = rows.findIndex(({ about }) => seen.size === seen.add(about).size);
  return end < 0 ? rows : rows.slice(0, end);
}
