// Real: p2p-node's whole module with its nats-server, hostile libp2p hosts over loopback, where each address of 127.0.0.0/8
// stands for another machine. Stand in: transfer, indexer.
import { eventually } from '@allibrary/testing';
import type { Stream } from '@libp2p/interface';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KAD_PROTOCOL } from '../dht/scoped-dht.ts';
import { ask } from '../protocols/exchange.ts';
import { HAVE, SEARCH } from '../protocols/library-protocols.ts';
import { PEERS } from '../protocols/peers-protocol.ts';
import { type NodeUnderAttack, type UnboundedPeer, startNodeUnderAttack } from '../testing/hostile-connection.ts';
import { STREAM_LIMITS } from './stream-gate.ts';

const DOCUMENT = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const CHUNK = Buffer.alloc(16_384, 1);
/** A length of about 4 MiB, as a varint. */
const LONG = Buffer.from([0xff, 0xff, 0xff, 0x01]);
let attacked: NodeUnderAttack;

beforeEach(async () => {
  attacked = await startNodeUnderAttack();
});
afterEach(async () => {
  await attacked.stop();
});

/** Whether the node serves a peer that keeps to the protocol. */
async function isServed(peer: UnboundedPeer): Promise<boolean> {
  const signal = AbortSignal.timeout(5_000);
  return (
    (await ask(await attacked.open(peer, HAVE.protocol), HAVE, { documentIds: [DOCUMENT] }, signal)).held.length === 1
  );
}

const isOpen = ({ status }: Stream): boolean => status === 'open';

/** Sends until the stream ends or the bytes are sent; returns whether the stream ended. */
async function isEndedWithin(stream: Stream, mostBytes: number): Promise<boolean> {
  for (let sent = 0; sent < mostBytes && isOpen(stream); sent += CHUNK.length) {
    stream.send(CHUNK);
    await eventually(() => !isOpen(stream) || stream.writeBufferLength === 0);
  }
  return eventually(() => !isOpen(stream));
}

const refused = (reason: string) => attacked.node.metric('allibrary_refused_streams_total', `"${reason}"`);
const misbehaviours = (kind: string) => attacked.node.metric('allibrary_peer_offences_total', `"${kind}"`);

test.each([
  [KAD_PROTOCOL, 1],
  [SEARCH.protocol, 1],
  [HAVE.protocol, 1],
  [PEERS.protocol, 1],
  ['/ipfs/id/push/1.0.0', 0], // libp2p's own handler reports nothing
])('%s: a stream with a frame that is too long is reset and counted as %i misbehaviour', async (protocol, count) => {
  const [hostile, honest] = [await attacked.startPeer(), await attacked.startPeer()];
  const stream = await attacked.open(hostile, protocol);
  stream.send(LONG);
  expect(await isEndedWithin(stream, 2 * STREAM_LIMITS.streamBytes)).toBe(true);
  await eventually(async () => (await misbehaviours('violation')) === count);
  expect(await isServed(honest)).toBe(true);
});

test('a ping stream that sends bytes without end is reset and counted as misbehaviour', async () => {
  const hostile = await attacked.startPeer();
  expect(await isEndedWithin(await attacked.open(hostile, '/ipfs/ping/1.0.0'), 8 * STREAM_LIMITS.streamBytes)).toBe(
    true,
  );
  await eventually(async () => (await refused('too-many-bytes')) === 1 && (await misbehaviours('violation')) === 1);
});

test('a frame of the multiplexer that announces 4 GiB closes its connection and is counted as misbehaviour', async () => {
  const hostile = await attacked.startPeer();
  await attacked.open(hostile, HAVE.protocol);
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
  hostile.connections[0]?.send(header);
  await eventually(() => hostile.host.getConnections().length === 0);
  await eventually(async () => (await refused('frame-too-long')) === 1 && (await misbehaviours('violation')) === 1);
});

test('peers of one subnet that hold silent streams lock nobody out, and streams beyond the limits are counted', async () => {
  const crowd = await Promise.all(Array.from({ length: 6 }, (_, n) => attacked.startPeer(`127.0.7.${n + 1}`)));
  const held = crowd.map(async (peer) => {
    await attacked.open(peer, KAD_PROTOCOL);
    await Promise.allSettled(Array.from({ length: 29 }, () => attacked.open(peer, KAD_PROTOCOL)));
    await Promise.allSettled(Array.from({ length: 8 }, () => attacked.open(peer, HAVE.protocol)));
  });
  await Promise.all(held);
  await eventually(async () => (await refused('too-many-of-subnet')) > 50);
  expect(await isServed(await attacked.startPeer('127.0.8.1'))).toBe(true);
});
