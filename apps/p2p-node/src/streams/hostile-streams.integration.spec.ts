// Real: p2p-node's whole module with its nats-server, hostile libp2p hosts over loopback, where each address of 127.0.0.0/8
// stands for another machine. Stand in: transfer, indexer.
import { eventually } from '@allibrary/testing';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KAD_PROTOCOL } from '../dht/scoped-dht.ts';
import { ask } from '../protocols/exchange.ts';
import { HAVE, SEARCH } from '../protocols/library-protocols.ts';
import { PEERS } from '../protocols/peers-protocol.ts';
import { type UnboundedPeer, startUnboundedPeer } from '../testing/hostile-connection.ts';
import { type P2pNode, startP2pNode } from '../testing/p2p-fixture.ts';
import { STREAM_LIMITS } from './stream-gate.ts';

const DOCUMENT = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const CHUNK = Buffer.alloc(16_384, 1);
/** A length of about 4 MiB, as a varint. */
const LONG = Buffer.from([0xff, 0xff, 0xff, 0x01]);
const cleanUps: (() => unknown)[] = [];
let node: P2pNode;

beforeEach(async () => {
  node = await startP2pNode();
  cleanUps.push(() => node.stop());
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function startPeer(localAddress?: string): Promise<UnboundedPeer> {
  const peer = await startUnboundedPeer(localAddress);
  cleanUps.push(() => peer.host.stop());
  return peer;
}

const open = async ({ host }: UnboundedPeer, protocol: string): Promise<Stream> =>
  host.dialProtocol(multiaddr(await node.address()), protocol, { signal: AbortSignal.timeout(10_000) });

/** Whether the node serves a peer that does no harm. */
async function isServed(peer: UnboundedPeer): Promise<boolean> {
  const signal = AbortSignal.timeout(5_000);
  return (await ask(await open(peer, HAVE.protocol), HAVE, { documentIds: [DOCUMENT] }, signal)).held.length === 1;
}

const isOpen = ({ status }: Stream): boolean => status === 'open';

/** Sends until the stream ends or the bytes are sent; returns whether it was ended. */
async function isEndedWithin(stream: Stream, mostBytes: number): Promise<boolean> {
  for (let sent = 0; sent < mostBytes && isOpen(stream); sent += CHUNK.length) {
    stream.send(CHUNK);
    await eventually(() => !isOpen(stream) || stream.writeBufferLength === 0);
  }
  return eventually(() => !isOpen(stream));
}

const refused = (reason: string) => node.metric('allibrary_refused_streams_total', `"${reason}"`);
const offences = (kind: string) => node.metric('allibrary_peer_offences_total', `"${kind}"`);

test.each([KAD_PROTOCOL, SEARCH.protocol, HAVE.protocol, PEERS.protocol, '/ipfs/id/push/1.0.0'])(
  '%s: a stream with a frame that is too long is ended, and counts as an offence',
  async (protocol) => {
    const [hostile, honest] = [await startPeer(), await startPeer()];
    const stream = await open(hostile, protocol);
    stream.send(LONG);
    expect(await isEndedWithin(stream, 2 * STREAM_LIMITS.streamBytes)).toBe(true);
    if (!protocol.startsWith('/ipfs/')) await eventually(async () => (await offences('violation')) === 1);
    expect(await isServed(honest)).toBe(true);
  },
);

test.each(['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0'])(
  '%s: a stream that takes bytes without end is ended, counted, and an offence',
  async (protocol) => {
    const hostile = await startPeer();
    expect(await isEndedWithin(await open(hostile, protocol), 8 * STREAM_LIMITS.streamBytes)).toBe(true);
    await eventually(async () => (await refused('too-many-bytes')) === 1 && (await offences('violation')) === 1);
  },
);

test('a frame of the multiplexer that announces 4 GiB ends its connection, and counts as an offence', async () => {
  const hostile = await startPeer();
  await open(hostile, HAVE.protocol);
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
  hostile.connections[0]?.send(header);
  await eventually(() => hostile.host.getConnections().length === 0);
  await eventually(async () => (await refused('frame-too-long')) === 1 && (await offences('violation')) === 1);
});

test('a crowd that holds silent streams keeps nobody out, and each one beyond the limits is counted', async () => {
  const crowd = await Promise.all(Array.from({ length: 6 }, (_, n) => startPeer(`127.0.7.${n + 1}`)));
  const opened = crowd.flatMap((peer) => Array.from({ length: 30 }, () => open(peer, KAD_PROTOCOL)));
  await Promise.allSettled(opened);
  await eventually(async () => (await refused('too-many-of-subnet')) > 50);
  const searches = crowd.flatMap((peer) => Array.from({ length: 8 }, () => open(peer, HAVE.protocol)));
  await Promise.allSettled(searches);
  expect(await isServed(await startPeer('127.0.8.1'))).toBe(true);
});
