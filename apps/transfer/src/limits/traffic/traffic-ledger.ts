import type { Data, TrafficCounted } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import type { TrafficBytes } from './traffic-budget.ts';
import type { Direction } from '../fair/throttle.ts';

/**
 * The bytes of each day, kept across restarts. Each process counts for itself under a name of its own, so that
 * replicas never write the same row, and a fact that comes again or late changes nothing: the higher count is true.
 */
export class TrafficLedger {
  #unstored: Record<Direction, number> = { received: 0, sent: 0 };
  #today: Data<typeof TrafficCounted> | undefined;
  /** What the read model does not know yet. */
  readonly #unwritten = new Map<string, Data<typeof TrafficCounted>>();
  /** What the stream does not know yet, day by day. */
  readonly #unpublished = new Map<string, Data<typeof TrafficCounted>>();

  constructor(
    private readonly model: ReadModel,
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
    if (received + sent === 0) return this.#write();
    const { receivedBytes = 0, sentBytes = 0 } = this.#today?.day === day ? this.#today : {};
    this.#today = { counter: this.counter, day, receivedBytes: receivedBytes + received, sentBytes: sentBytes + sent };
    this.#unstored = { received: 0, sent: 0 };
    this.#unpublished.set(day, this.#today);
    this.#unwritten.set(day, this.#today);
    this.#write();
  }

  /** Writes what was counted, and what could not be written before, because the disk was full. */
  #write(): void {
    for (const [day, fact] of this.#unwritten) {
      this.#upsert(fact);
      this.#unwritten.delete(day);
    }
  }

  /** Publishes what was stored, so that it outlives this read model; what could not be sent is sent the next time. */
  async publish(send: (fact: Data<typeof TrafficCounted>) => Promise<void>): Promise<void> {
    for (const [day, fact] of this.#unpublished) {
      await send(fact);
      if (this.#unpublished.get(day) === fact) this.#unpublished.delete(day);
    }
  }

  /** Takes in what a process has counted, another one or this one in an earlier life. */
  take(fact: Data<typeof TrafficCounted>): void {
    this.#upsert(fact);
  }

  /** The bytes from a day on, as YYYY-MM-DD; what is not stored yet is not among them. */
  since(day: string): TrafficBytes {
    const row = this.model
      .prepare('SELECT sum(received_bytes) AS received, sum(sent_bytes) AS sent FROM traffic WHERE day >= ?')
      .get(day);
    return { received: Number(row?.['received'] ?? 0), sent: Number(row?.['sent'] ?? 0) };
  }

  #upsert({ counter, day, receivedBytes, sentBytes }: Data<typeof TrafficCounted>): void {
    this.model
      .prepare(
        `INSERT INTO traffic (day, counter, received_bytes, sent_bytes) VALUES (?, ?, ?, ?)
         ON CONFLICT (day, counter) DO UPDATE SET
           received_bytes = max(received_bytes, excluded.received_bytes), sent_bytes = max(sent_bytes, excluded.sent_bytes)`,
      )
      .run(day, counter, receivedBytes, sentBytes);
  }
}
