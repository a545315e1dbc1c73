/** Peers that write whatever they want: bare libp2p hosts over loopback without limits, which expose their connections. */
import { yamux } from '@chainsafe/libp2p-yamux';
import { noise } from '@chainsafe/libp2p-noise';
import { identify } from '@libp2p/identify';
import type { Libp2p, MessageStream, Stream, StreamMuxerFactory } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { type P2pNode, startP2pNode } from './p2p-fixture.ts';

/** A peer without limits. */
export interface UnboundedPeer {
  readonly host: Libp2p;
  /** The encrypted connections below the multiplexer, in the order of their start. */
  readonly connections: readonly MessageStream[];
}

/** A node and peers without limits that open streams to it. */
export interface NodeUnderAttack {
  readonly node: P2pNode;
  /** Starts a peer that dials from an address of 127.0.0.0/8. */
  startPeer(localAddress?: string): Promise<UnboundedPeer>;
  /** Opens a stream from the peer to the node. */
  open(peer: UnboundedPeer, protocol: string): Promise<Stream>;
  /** Stops the peers, then the node. */
  stop(): Promise<void>;
}

export async function startNodeUnderAttack(): Promise<NodeUnderAttack> {
  const node = await startP2pNode();
  const peers: UnboundedPeer[] = [];
  return {
    node,
    startPeer: async (localAddress) => {
      const peer = await startUnboundedPeer(localAddress);
      peers.push(peer);
      return peer;
    },
    open: async ({ host }, protocol) =>
      host.dialProtocol(multiaddr(await node.address()), protocol, { signal: AbortSignal.timeout(10_000) }),
    stop: async () => {
      for (const { host } of peers) await host.stop();
      await node.stop();
    },
  };
}

async function startUnboundedPeer(localAddress = '127.0.0.1'): Promise<UnboundedPeer> {
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
