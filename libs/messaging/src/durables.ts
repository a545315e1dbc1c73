import type { StreamName } from '@allibrary/contracts';
import {
  type ConsumerConfig,
  type ConsumerInfo,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
} from '@nats-io/jetstream';

type DurableConfig = Partial<ConsumerConfig> & Pick<ConsumerConfig, 'durable_name'>;

/** Returns a durable consumer, or undefined where there is none. */
export async function findDurable(
  manager: JetStreamManager,
  stream: StreamName,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, durable);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Sees to it that a durable consumer exists that stands in its stream. One that is ahead of it is created again: a power
 * cut or an older copy of the store may take facts from the stream that its consumers have already passed. Returns
 * whether it was created.
 */
export async function ensureDurable(
  manager: JetStreamManager,
  stream: StreamName,
  config: DurableConfig & { readonly durable_name: string },
): Promise<boolean> {
  const { durable_name: durable } = config;
  const before = await findDurable(manager, stream, durable);
  // In this order: the stream only grows, so a consumer that was read before can be ahead only of what was lost.
  const { state } = await manager.streams.info(stream);
  const isSound = before !== undefined && !isAhead(before, state.last_seq);
  if (before && !isSound) await manager.consumers.delete(stream, durable);
  const after = await manager.consumers.add(stream, config);
  if (isSound) return false;
  if (hasPast(after)) {
    await manager.consumers.delete(stream, durable);
    await manager.consumers.add(stream, config);
  }
  return true;
}

const isAhead = ({ delivered, ack_floor: settled }: ConsumerInfo, lastSequence: number): boolean =>
  Math.max(delivered.stream_seq, settled.stream_seq) > lastSequence;

/** Whether nats-server has taken up the remains of a consumer that it could not read at its start. */
const hasPast = ({ delivered, ack_floor: settled }: ConsumerInfo): boolean =>
  delivered.consumer_seq !== 0 || settled.consumer_seq !== 0;

const isNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError &&
  (error.code === JetStreamApiCodes.ConsumerNotFound || error.code === JetStreamApiCodes.StreamNotFound);
