import { yamux } from '@chainsafe/libp2p-yamux';
import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface';
import type { ConnectionOwners } from './connection-owners.ts';
import type { StreamGate } from './stream-gate.ts';

/** Bytes that a connection holds for a peer that does not read. Even pings are answered, however little is read. */
const MOST_UNSENT_BYTES = 8_388_608;

/** Yamux whose streams pass the gate. */
export function boundedYamux(
  init: Parameters<typeof yamux>[0],
  gate: StreamGate,
  owners: ConnectionOwners,
): () => StreamMuxerFactory {
  return () => {
    const factory = yamux(init)();
    const createStreamMuxer = (connection: MessageStream): ReturnType<typeof factory.createStreamMuxer> => {
      connection.maxWriteBufferLength = MOST_UNSENT_BYTES;
      const muxer = factory.createStreamMuxer(connection);
      gate.guard(muxer, connection, owners.of(connection));
      return muxer;
    };
    return Object.create(factory, { createStreamMuxer: { value: createStreamMuxer } }) as StreamMuxerFactory;
  };
}
