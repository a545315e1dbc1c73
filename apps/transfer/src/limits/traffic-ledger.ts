import { type Data, TrafficCounted } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import type { TrafficBytes } from '../domain/traffic-budget.ts';
import type { Outbox } from '../outbox.ts';
import type { Direction } from '../throttle.ts';

/**
 * The bytes of each day, kept across restarts. Each process counts for itself under a name of its own, so that
 * replicas never write the same row, and a fact that comes again or late changes nothing: the higher count is true.
 */
export class TrafficLedger {
  #unstored: Record<Direction, number> = { received: 0, sent: 0 };
  #today: Data<typeof TrafficCounted> | undefined;
  #isSaid = true;

  constructor(
    private readonly model: ReadModel,
    private readonly outbox: Outbox,
    /** A random name of this process' life. */
    private readonly counter: string,
  ) {}

  /** Counts bytes, in memory until they are stored. */
  count(direction: Direction, bytes: number): void {
    this.#unstored[direction] += bytes;
  }

  /** Stores what was counted since the last time as bytes of the day; what is not stored is lost with the process. */
  store(day: string): void {
    const { received, sent } = this.#unstored;
    if (received + sent === 0) return;
    if (this.#today?.day !== day) this.#begin(day);
    const { receivedBytes = 0, sentBytes = 0 } = this.#today ?? {};
    this.#today = { counter: this.counter, day, receivedBytes: receivedBytes + received, sentBytes: sentBytes + sent };
    this.#unstored = { received: 0, sent: 0 };
    this.#isSaid = false;
    this.#upsert(this.#today);
  }

  /** Puts what was stored into the outbox, so that it outlives this read model. */
  say(): void {
    if (this.#isSaid || !this.#today) return;
    this.outbox.add(TrafficCounted, this.#today);
    this.#isSaid = true;
  }

  /** Takes in what a process has counted, another one or this one in an earlier life. */
  take(fact: Data<typeof TrafficCounted>): void {
    this.#upsert(fact);
  }

  /** The bytes from a day on, as YYYY-MM-DD; what is not stored yet is not among them. */
  since(day: string): TrafficBytes {
    const row = this.model.db
      .prepare('SELECT sum(received_bytes) AS received, sum(sent_bytes) AS sent FROM traffic WHERE day >= ?')
      .get(day);
    return { received: Number(row?.['received'] ?? 0), sent: Number(row?.['sent'] ?? 0) };
  }

  #begin(day: string): void {
    this.say();
    this.#today = { counter: this.counter, day, receivedBytes: 0, sentBytes: 0 };
  }

  #upsert({ counter, day, receivedBytes, sentBytes }: Data<typeof TrafficCounted>): void {
    this.model.db
      .prepare(
        `INSERT INTO traffic (day, counter, received_bytes, sent_bytes) VALUES (?, ?, ?, ?)
         ON CONFLICT (day, counter) DO UPDATE SET
           received_bytes = max(received_bytes, excluded.received_bytes), sent_bytes = max(sent_bytes, excluded.sent_bytes)`,
      )
      .run(day, counter, receivedBytes, sentBytes);
  }
}
