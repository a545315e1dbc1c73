// Real: p2p-node's whole module with its nats-server, hostile libp2p hosts over loopback. Stand in: transfer, indexer.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@allibrary/testing';
import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask } from '../../protocols/exchange.ts';
import { HAVE } from '../../protocols/library-protocols.ts';
import { documentNamed } from '../../testing/dht.ts';
import { type UnboundedPeer, startUnboundedPeer } from '../../testing/hostile-connection.ts';
import { type P2pNode, startP2pNode } from '../../testing/p2p-fixture.ts';
import { PING, addProvider } from '../kad-message.ts';
import { KAD_PROTOCOL } from '../scoped-dht.ts';

const [FIND_NODE, GET_PROVIDERS] = [4, 3];
const HONEST_QUESTIONS = 100;
const cleanUps: (() => unknown)[] = [];
let node: P2pNode;

beforeEach(async () => {
  node = await startP2pNode();
  cleanUps.push(() => node.stop());
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function startPeer(): Promise<UnboundedPeer> {
  const peer = await startUnboundedPeer();
  cleanUps.push(() => peer.host.stop());
  return peer;
}

const open = async ({ host }: UnboundedPeer, protocol: string): Promise<Stream> =>
  host.dialProtocol(multiaddr(await node.address()), protocol, { signal: AbortSignal.timeout(10_000) });

/** A question about a key: type and key in protobuf. */
const question = (type: number, key: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([1 << 3, type, (2 << 3) | 2, key.length]), key]);

const recordOf = ({ host }: UnboundedPeer): Uint8Array =>
  addProvider(documentNamed(randomBytes(8).toString('hex')).key, host.peerId.toMultihash().bytes, [
    multiaddr('/ip4/127.0.0.1/tcp/1').bytes,
  ]);

/** Asks on one stream after the other until it is told to stop; counts what is answered. */
async function flood(peer: UnboundedPeer, messages: () => Uint8Array[], over: AbortSignal): Promise<number> {
  let answered = 0;
  while (!over.aborted) {
    try {
      const frames = lpStream(await open(peer, KAD_PROTOCOL));
      for (; !over.aborted; answered++) {
        await frames.writeV(messages());
        await frames.read({ signal: over });
      }
    } catch {
      await delay(100, undefined, { signal: over }).catch(() => {}); // then it goes on, as a flood does
    }
  }
  return answered;
}

test('four peers that flood the DHT share its work; honest questions are all answered meanwhile', async () => {
  const honest = await startPeer();
  const over = new AbortController();
  cleanUps.push(() => over.abort());
  const peers = await Promise.all(Array.from({ length: 4 }, startPeer));
  const floods = peers.map((peer, n) => {
    const messages = [
      () => [...Array.from({ length: 256 }, () => recordOf(peer)), PING],
      () => [question(FIND_NODE, randomBytes(32))],
      () => [question(GET_PROVIDERS, documentNamed('wanted').key)],
      () => [recordOf(peer), question(FIND_NODE, randomBytes(32))],
    ][n] as () => Uint8Array[];
    return Promise.all(Array.from({ length: 8 }, () => flood(peer, messages, over.signal)));
  });
  const tookMs: number[] = [];
  for (let n = 0; n < HONEST_QUESTIONS; n++) {
    const from = performance.now();
    const signal = AbortSignal.timeout(5_000);
    const answer = await ask(
      await open(honest, HAVE.protocol),
      HAVE,
      { documentIds: [documentNamed('a').documentId] },
      signal,
    );
    expect(answer.held).toEqual([false]);
    tookMs.push(performance.now() - from);
  }
  over.abort();
  const answered = (await Promise.all(floods)).map((each) => each.reduce((sum, count) => sum + count));
  const p99 = tookMs
    .toSorted((a, b) => a - b)
    .at(-2)
    ?.toFixed(0);
  console.log(`honest answers: p99 ${p99} ms; answers to the floods: ${answered.join(', ')}`);
  for (const count of answered) expect(count).toBeGreaterThan(0);
});

test('a peer that sends more than may wait, or what is no question, loses the stream, and it counts as an offence', async () => {
  const hostile = await startPeer();
  const flooded = await open(hostile, KAD_PROTOCOL);
  for (let sent = 0; sent < 4_000 && flooded.status === 'open'; sent++) flooded.send(framed(recordOf(hostile)));
  await eventually(() => flooded.status !== 'open');
  const garbage = await open(hostile, KAD_PROTOCOL);
  garbage.send(Buffer.from([5, 0xff, 0xff, 0xff, 0xff, 0xff]));
  await eventually(() => garbage.status !== 'open');
  await eventually(async () => (await node.metric('allibrary_peer_offences_total', '"violation"')) === 2);
});

const framed = (message: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(message.length < 128 ? [message.length] : [(message.length & 127) | 128, message.length >>> 7]),
    message,
  ]);
