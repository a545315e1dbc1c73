import { type ConsumerInfo, JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import type { DurableConsumer } from './waiting-events.ts';

/** Returns the durable consumer, or undefined where there is none. */
export async function findDurable(
  manager: JetStreamManager,
  { stream, durable }: Pick<DurableConsumer, 'stream' | 'durable'>,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, durable);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Returns the durable consumer where it stands in its stream; one that is ahead of it is deleted. A power cut or an older
 * copy of the store may take facts from the stream that its consumers have already passed.
 */
export async function usableDurable(
  manager: JetStreamManager,
  source: DurableConsumer,
): Promise<ConsumerInfo | undefined> {
  // In this order: the stream only grows, so a consumer that was read before can be ahead only of what was lost.
  const info = await findDurable(manager, source);
  if (!info) return undefined;
  const { state } = await manager.streams.info(source.stream);
  if (Math.max(info.delivered.stream_seq, info.ack_floor.stream_seq) <= state.last_seq) return info;
  await manager.consumers.delete(source.stream, source.durable);
  return undefined;
}

const isNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError &&
  (error.code === JetStreamApiCodes.ConsumerNotFound || error.code === JetStreamApiCodes.StreamNotFound);
