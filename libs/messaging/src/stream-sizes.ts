import { STREAMS, type StreamName } from '@allibrary/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from './bus.ts';

/** What a stream holds now. */
export interface StreamSize {
  readonly stream: StreamName;
  readonly messages: number;
  readonly bytes: number;
}

/** The sizes of all streams of the house. */
export async function streamSizes(bus: Bus): Promise<StreamSize[]> {
  const manager = await jetstreamManager(bus.connection, { checkAPI: false });
  const names = Object.keys(STREAMS) as StreamName[];
  return Promise.all(
    names.map(async (stream) => {
      const { messages, bytes } = (await manager.streams.info(stream)).state;
      return { stream, messages, bytes };
    }),
  );
}
