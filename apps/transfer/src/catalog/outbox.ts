import {
  type Data,
  DocumentAdded,
  DocumentDamaged,
  DocumentRemoved,
  DocumentRepaired,
  DownloadEnded,
  DownloadRequested,
  DownloadSteered,
  type EventContract,
} from '@allibrary/contracts';
import { type Bus, describeError } from '@allibrary/messaging';
import type { Logger, ReadModel } from '@allibrary/platform';

/** The events that this service publishes, by the subject under which the outbox keeps them. */
const PUBLISHED: Record<string, EventContract> = Object.fromEntries(
  [
    ...[DocumentAdded, DocumentDamaged, DocumentRemoved, DocumentRepaired],
    ...[DownloadRequested, DownloadSteered, DownloadEnded],
  ].map((contract) => [contract.subject, contract]),
);

/** Number of facts that are on their way to the broker at once. */
const BATCH = 64;
const RETRY_MS = 5_000;

interface Row {
  readonly id: number;
  readonly subject: string;
  /** The document that the fact is about. */
  readonly about: string;
  readonly data: string;
}

/** Facts that are stored in the same transaction as the change that they describe, and published afterwards. */
export class Outbox {
  #flushing: Promise<void> | undefined;
  #background: Promise<void> | undefined;
  #isWanted = false;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(
    private readonly model: ReadModel,
    private readonly bus: Bus,
    private readonly logger: Logger,
  ) {}

  /** Keeps a fact; to be called inside the transaction that makes it true. */
  add<C extends EventContract>(contract: C, data: Data<C> & { readonly documentId: string }): void {
    this.model
      .prepare('INSERT INTO outbox (subject, about, data) VALUES (?, ?, ?)')
      .run(contract.subject, data.documentId, JSON.stringify(data));
  }

  /** Publishes what is kept in the background, and retries for as long as the broker does not take it. */
  publishSoon(): void {
    this.#isWanted = true;
    clearTimeout(this.#retry);
    this.#background ??= this.#publishWanted().finally(() => {
      this.#background = undefined;
    });
  }

  /** Publishes nothing more; the next start publishes the rest. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#background;
  }

  async #publishWanted(): Promise<void> {
    while (this.#isWanted && !this.#isClosed) {
      this.#isWanted = false;
      try {
        await this.flush();
      } catch (error) {
        if (this.#isClosed) return;
        this.logger.warn({ error: describeError(error), retryMs: RETRY_MS }, 'facts not published yet, retrying');
        this.#retry = setTimeout(() => this.publishSoon(), RETRY_MS);
        return;
      }
    }
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
    const contract = PUBLISHED[subject];
    if (contract) await this.bus.publish(contract, JSON.parse(data));
  }
}

/** Returns the rows up to the first that is about the same thing as an earlier one. */
function beforeRepetition(rows: readonly Row[]): readonly Row[] {
  const seen = new Set<string>();
  const end = rows.findIndex(({ about }) => seen.size === seen.add(about).size);
  return end < 0 ? rows : rows.slice(0, end);
}
