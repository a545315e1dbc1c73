// Real: p2p-node's whole module with its nats-server, hostile libp2p hosts over loopback. Stand in: transfer, indexer.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@allibrary/testing';
import { lpStream } from '@libp2p/utils';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask } from '../../protocols/exchange.ts';
import { HAVE } from '../../protocols/library-protocols.ts';
import { documentNamed } from '../../testing/dht.ts';
import { type NodeUnderAttack, type UnboundedPeer, startNodeUnderAttack } from '../../testing/hostile-connection.ts';
import { PING, addProvider, framed } from '../kad-message.ts';
import { KAD_PROTOCOL } from '../scoped-dht.ts';

const [FIND_NODE, GET_PROVIDERS] = [4, 3];
const HONEST_QUESTIONS = 50;
let attacked: NodeUnderAttack;
let over: AbortController;

beforeEach(async () => {
  over = new AbortController();
  attacked = await startNodeUnderAttack();
});
afterEach(async () => {
  over.abort();
  await attacked.stop();
});

/** A question about a key: type and key in protobuf. */
const question = (type: number, key: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([1 << 3, type, (2 << 3) | 2, key.length]), key]);

const recordOf = ({ host }: UnboundedPeer): Uint8Array =>
  addProvider(documentNamed(randomBytes(8).toString('hex')).key, host.peerId.toMultihash().bytes, [
    multiaddr('/ip4/127.0.0.1/tcp/1').bytes,
  ]);

/** Sends questions on one stream after the other until the signal aborts; returns the number of answers. */
async function flood(peer: UnboundedPeer, messages: () => Uint8Array[], until: AbortSignal): Promise<number> {
  let answered = 0;
  while (!until.aborted) {
    try {
      const frames = lpStream(await attacked.open(peer, KAD_PROTOCOL));
      for (; !until.aborted; answered++) {
        await frames.writeV(messages());
        await frames.read({ signal: until });
      }
    } catch {
      await delay(100, undefined, { signal: until }).catch(() => {}); // a flood continues after a refusal
    }
  }
  return answered;
}

test('four peers that flood the DHT share its work; honest questions are all answered meanwhile', async () => {
  const honest = await attacked.startPeer();
  const peers = await Promise.all(Array.from({ length: 4 }, () => attacked.startPeer()));
  const floods = peers.map((peer, n) => {
    const records = [...Array.from({ length: 256 }, () => recordOf(peer)), PING];
    const messages = [
      () => records,
      () => [question(FIND_NODE, randomBytes(32))],
      () => [question(GET_PROVIDERS, documentNamed('wanted').key)],
      () => [recordOf(peer), question(FIND_NODE, randomBytes(32))],
    ][n] as () => Uint8Array[];
    return Promise.all(Array.from({ length: 2 }, () => flood(peer, messages, over.signal)));
  });
  const tookMs: number[] = [];
  for (let n = 0; n < HONEST_QUESTIONS; n++) {
    const from = performance.now();
    const signal = AbortSignal.timeout(5_000);
    const answer = await ask(
      await attacked.open(honest, HAVE.protocol),
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

test('questions on one stream leave no timers behind, and with them no memory', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const frames = lpStream(await attacked.open(await attacked.startPeer(), KAD_PROTOCOL));
  const askNext = async () => {
    await frames.write(question(FIND_NODE, randomBytes(32)));
    await frames.read({ signal: over.signal });
  };
  await askNext();
  const before = timers();
  for (let n = 0; n < HONEST_QUESTIONS; n++) await askNext();
  expect(timers() - before).toBeLessThan(HONEST_QUESTIONS / 2);
});

test('a peer that sends too many unread questions, or bytes that are not a question, loses the stream; each is counted as misbehaviour', async () => {
  const hostile = await attacked.startPeer();
  const flooded = await attacked.open(hostile, KAD_PROTOCOL);
  const many = Array.from({ length: 5_000 }, () => framed(question(FIND_NODE, randomBytes(32))).subarray());
  flooded.send(Buffer.concat(many));
  await eventually(() => flooded.status !== 'open');
  const garbage = await attacked.open(hostile, KAD_PROTOCOL);
  garbage.send(Buffer.from([5, 0xff, 0xff, 0xff, 0xff, 0xff]));
  await eventually(() => garbage.status !== 'open');
  await eventually(async () => (await attacked.node.metric('allibrary_peer_offences_total', '"violation"')) === 2);
});
