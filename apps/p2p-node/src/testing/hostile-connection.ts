/** A peer that writes whatever it wants: a bare libp2p host over loopback that keeps to no limit and exposes its connections. */
import { yamux } from '@chainsafe/libp2p-yamux';
import { noise } from '@chainsafe/libp2p-noise';
import { identify } from '@libp2p/identify';
import type { Libp2p, MessageStream, StreamMuxerFactory } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';

/** A peer without limits. */
export interface UnboundedPeer {
  readonly host: Libp2p;
  /** The encrypted connections below the multiplexer, in the order of their start. */
  readonly connections: readonly MessageStream[];
}

/** Starts a peer without limits that dials from an address of 127.0.0.0/8. */
export async function startUnboundedPeer(localAddress = '127.0.0.1'): Promise<UnboundedPeer> {
  const connections: MessageStream[] = [];
  const host = await createLibp2p({
    addresses: { listen: [] },
    transports: [tcp({ dialOpts: { localAddress } as object })],
    connectionEncrypters: [noise()],
    streamMuxers: [() => recording(yamux()(), connections)],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
    services: { identify: identify() },
  });
  return { host, connections };
}

function recording(factory: StreamMuxerFactory, connections: MessageStream[]): StreamMuxerFactory {
  const createStreamMuxer: StreamMuxerFactory['createStreamMuxer'] = (connection) => {
    connections.push(connection);
    return factory.createStreamMuxer(connection);
  };
  return Object.create(factory, { createStreamMuxer: { value: createStreamMuxer } }) as StreamMuxerFactory;
}
