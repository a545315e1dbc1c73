// Real: twelve p2p-node processes with a nats-server each, libp2p over loopback; the clock is set. Left out: transfer, indexer, gateway; the
// documents are ids that are claimed to be shared.
import { createHash } from 'node:crypto';
import { eventually } from '@allibrary/testing';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import { afterEach, expect, test } from 'vitest';
import { P2pProcess } from './support/p2p-process.ts';

const NODES = 12;
const RAW = 0x55;
const SHA_256 = 0x12;
const running: P2pProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.stop()));
});

async function start(bootstrap: readonly string[]): Promise<P2pProcess> {
  const node = await P2pProcess.start({ bootstrap });
  running.push(node);
  return node;
}

async function end(node: P2pProcess, how: 'stop' | 'kill'): Promise<void> {
  running.splice(running.indexOf(node), 1);
  await node[how]();
}

const documentNo = (n: number): string =>
  CID.createV1(RAW, create(SHA_256, createHash('sha256').update(`document ${n}`).digest())).toString();

/** Each node looks for each document; answers the time that 95 of 100 looks stay below, in ms. */
async function findAll(
  nodes: readonly P2pProcess[],
  holders: ReadonlyMap<string, readonly P2pProcess[]>,
): Promise<number> {
  const tookMs: number[] = [];
  for (const seeker of nodes) {
    for (const [documentId, holding] of holders) {
      const others = await Promise.all(holding.filter((node) => node !== seeker).map((node) => node.peerId()));
      if (others.length === 0) continue; // it is the only one that is left of them
      const from = performance.now();
      const missing = await seeker.lookFor(documentId, others);
      tookMs.push(performance.now() - from);
      expect(missing).toEqual([]);
    }
  }
  return tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * 0.95)] ?? Number.NaN;
}

test('twelve nodes that knew one which is gone find what any two of them hold: now, an hour later, and when half are dead', {
  timeout: 600_000,
}, async () => {
  const first = await start([]);
  const address = await first.address();
  const others = await Promise.all(Array.from({ length: NODES - 1 }, () => start([address])));
  const nodes = [first, ...others];
  await eventually(async () => (await first.peers()).length === NODES - 1, { timeoutMs: 60_000 });
  await end(first, 'stop');
  const left = nodes.slice(1);
  // A document for each pair of neighbours in a ring: any two of them hold one thing that the others do not.
  const holders = new Map(left.map((node, n) => [documentNo(n), [node, left[(n + 1) % left.length] as P2pProcess]]));
  await Promise.all([...holders].flatMap(([documentId, both]) => both.map((node) => node.share(documentId))));
  await eventually(
    async () => (await Promise.all(left.map((node) => node.announced()))).every(({ announced }) => announced === 2),
    { timeoutMs: 150_000 }, // on a busy machine
  );
  console.log(`found by ${left.length} nodes: p95 ${(await findAll(left, holders)).toFixed(0)} ms`);

  for (const node of left) node.laterByAnHour();
  console.log(`an hour later: p95 ${(await findAll(left, holders)).toFixed(0)} ms`);

  const [survivors, victims] = [left.filter((_, n) => n % 2 === 0), left.filter((_, n) => n % 2 === 1)];
  await Promise.all(victims.map((node) => end(node, 'kill')));
  const stillHeld = new Map(
    [...holders].map(([documentId, both]) => [documentId, both.filter((node) => survivors.includes(node))]),
  );
  await eventually(async () =>
    (await Promise.all(survivors.map((node) => node.peers()))).every(({ length }) => length > 0),
  );
  console.log(
    `found by the ${survivors.length} that are left: p95 ${(await findAll(survivors, stillHeld)).toFixed(0)} ms`,
  );
});
