import type { StreamName } from '@allibrary/contracts';
import type { JetStreamManager, JsMsg } from '@nats-io/jetstream';

/** What a service has still to handle of one subject. */
export interface WaitingEvents {
  readonly subject: string;
  /** Events that no handler has settled yet, those in hand among them. */
  readonly count: number;
  /** How long ago the oldest of them was stored; 0 when there is none. */
  readonly oldestAgeMs: number;
}

/** One durable consumer of a service. */
export interface DurableConsumer {
  readonly stream: StreamName;
  readonly durable: string;
  readonly subject: string;
  readonly unsettled: UnsettledEvents;
}

/**
 * When each event that this process received and nobody settled was stored. The stream itself is not asked: who may read
 * messages of a stream by their sequence may read every subject in it.
 */
export class UnsettledEvents {
  readonly #storedAtMs = new Map<number, number>();

  /** Notes a delivered message; the same one again after a failure is still the same event. */
  add(message: JsMsg): void {
    this.#storedAtMs.set(message.seq, message.time.getTime());
  }

  remove({ seq }: JsMsg): void {
    this.#storedAtMs.delete(seq);
  }

  /** Forgets all of them: the sequences of a durable that was created again are others. */
  clear(): void {
    this.#storedAtMs.clear();
  }

  /** When the oldest was stored, of those after a position up to which all are settled; null when there is none. */
  oldestAfter(sequence: number): number | null {
    // Another replica may have settled what was delivered here first.
    for (const seq of this.#storedAtMs.keys()) if (seq <= sequence) this.#storedAtMs.delete(seq);
    return this.#storedAtMs.size === 0 ? null : Math.min(...this.#storedAtMs.values());
  }
}

/** Asks the broker what waits for a durable consumer. */
export async function waitingEvents(
  manager: JetStreamManager,
  { stream, durable, subject, unsettled }: DurableConsumer,
): Promise<WaitingEvents> {
  const info = await manager.consumers.info(stream, durable);
  const count = info.num_pending + info.num_ack_pending;
  const oldest = unsettled.oldestAfter(info.ack_floor.stream_seq);
  // Other replicas have what waits, or it is not delivered yet: it is as old as the last progress at most.
  const since = oldest ?? new Date(info.ack_floor.last_active ?? info.created).getTime();
  return { subject, count, oldestAgeMs: count === 0 ? 0 : Math.max(0, Date.now() - since) };
}
