// Real: everything. Three whole nodes on loopback; one of them is frozen for a while, and stops in the end.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { type SearchAnswer, type SearchResult, Seedbox } from './support/seedbox.ts';

const running: Seedbox[] = [];
const resumed: (() => void)[] = [];
afterEach(async () => {
  for (const resume of resumed.splice(0)) resume();
  for (const seedbox of running.splice(0)) expect(await seedbox.stop()).toBe(0);
});

async function start(files: Readonly<Record<string, string>>, bootstrap: readonly Seedbox[] = []): Promise<Seedbox> {
  const seedbox = await Seedbox.start({
    bootstrap: await Promise.all(bootstrap.map((each) => each.address())),
    fill: async (library) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(library, name), text);
    },
  });
  running.push(seedbox);
  return seedbox;
}

/** More than a peer returns, all of them better than the shared document. */
const better = Object.fromEntries(
  Array.from({ length: 60 }, (_, n) => [`better ${n}.txt`, `lichen lichen lichen number ${n}`]),
);
const shared = `lichen ${'and many other words '.repeat(200)}`;

const resultOf = ({ results }: SearchAnswer, documentId: string): SearchResult | undefined =>
  results.find((each) => each.documentId === documentId);

test('sources are counted behind the first hits, a frozen peer is named as missing, and one that left as seen', async () => {
  const a = await start({ ...better, 'under one name.txt': shared });
  const b = await start({ 'under another.txt': shared }, [a]);
  const c = await start({}, [a, b]);
  await c.meets(2);
  const { documentId } = await b.documentOf('under another.txt');
  const [idOfA, idOfB] = [await a.peerId(), await b.peerId()];
  const sourcesOf = (answer: SearchAnswer) => resultOf(answer, documentId)?.sources ?? [];
  const sources = async () => sourcesOf(await c.search('lichen')).map(({ peerId }) => peerId);
  await eventually(async () => (await a.search('lichen number', 'local')).results.length === 20, { timeoutMs: 60_000 });
  await eventually(async () => expect(await sources()).toEqual([idOfA, idOfB].toSorted()), { timeoutMs: 60_000 });

  const { pid } = (await b.state()).programs['p2p-node'] ?? {};
  if (pid === undefined) throw new Error('p2p-node does not run');
  process.kill(pid, 'SIGSTOP');
  resumed.push(() => process.kill(pid, 'SIGCONT'));
  const frozen = await c.search('lichen');
  expect(frozen.coverage).toMatchObject({ asked: 2, answered: 1, missing: [{ peerId: idOfB, reason: 'silent' }] });
  expect(sourcesOf(frozen)).toContainEqual({ peerId: idOfA, seenAtMs: null });
  expect(sourcesOf(frozen)).toContainEqual({ peerId: idOfB, seenAtMs: expect.any(Number) });

  const again = await c.call<SearchAnswer>('GET', 'search?q=lichen');
  expect(again.coverage).toMatchObject({ asked: 2, answered: 1, cachedAtMs: expect.any(Number) });
  expect(again.results.map(({ name }) => name)).toEqual(frozen.results.map(({ name }) => name));

  for (const resume of resumed.splice(0)) resume();
  expect(await b.stop()).toBe(0);
  running.splice(running.indexOf(b), 1);
  await eventually(async () => (await c.search('lichen')).coverage.asked === 1, { timeoutMs: 30_000 });
  await c.restart();
  await c.meets(1);
  expect(sourcesOf(await c.search('lichen'))).toContainEqual({ peerId: idOfB, seenAtMs: expect.any(Number) });
});
