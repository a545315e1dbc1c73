import type { StreamName } from '@allibrary/contracts';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';

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
}

/** Asks the broker what waits for a durable consumer. */
export async function waitingEvents(
  manager: JetStreamManager,
  { stream, durable, subject }: DurableConsumer,
): Promise<WaitingEvents> {
  const info = await manager.consumers.info(stream, durable);
  const count = info.num_pending + info.num_ack_pending;
  if (count === 0) return { subject, count, oldestAgeMs: 0 };
  const oldest = await oldestUnsettled(manager, stream, info, subject);
  return { subject, count, oldestAgeMs: oldest === null ? 0 : Math.max(0, Date.now() - oldest.getTime()) };
}

/** When the first event after those that are all settled was stored; null when it was settled in the meantime. */
async function oldestUnsettled(
  manager: JetStreamManager,
  stream: StreamName,
  { ack_floor: settled }: ConsumerInfo,
  subject: string,
): Promise<Date | null> {
  const next = { seq: settled.stream_seq + 1, next_by_subj: subject };
  const found = await manager.streams.getMessage(stream, next);
  return found?.time ?? null;
}
