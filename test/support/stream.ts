/** What a test asks of a JetStream stream. */
import type { Bus } from '@allibrary/messaging';
import { type StreamInfo, jetstream, jetstreamManager } from '@nats-io/jetstream';

/** The broker's description of a stream; a cluster without a leader does not answer. */
export const streamInfo = async (bus: Bus, name: string): Promise<StreamInfo> =>
  (await jetstreamManager(bus.connection, { checkAPI: false })).streams.info(name);

/** What each message of a subject holds that the stream has now, in the order of the stream. */
export async function storedMessages<T>(bus: Bus, stream: string, subject: string): Promise<T[]> {
  const consumer = await jetstream(bus.connection).consumers.get(stream, { filter_subjects: subject });
  let pending = (await consumer.info()).num_pending;
  const messages: T[] = [];
  if (pending === 0) return messages;
  for await (const message of await consumer.consume()) {
    messages.push(message.json<T>());
    pending = message.info.pending;
    if (pending === 0) break;
  }
  return messages;
}
