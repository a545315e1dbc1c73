// Real: a file in a temp folder.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { KnownPeers } from './known-peers.ts';

const DAY_MS = 24 * 3_600_000;
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function inFile() {
  const folder = await tempFolder();
  cleanUps.push(() => folder.remove());
  const file = join(folder.path, 'p2p-node', 'known-peers.json');
  const damages: string[] = [];
  const at = (days: number) =>
    new KnownPeers(
      file,
      () => days * DAY_MS,
      (reason) => damages.push(reason),
    );
  return { file, damages, at };
}

const peer = (n: number) => ({
  peerId: `12D3KooW${`${n}`.replaceAll('0', 'z').padStart(44, 'x')}`,
  multiaddrs: [`/ip4/192.0.2.1/tcp/${n}`],
  scope: 'private' as const,
});

test('peers of earlier runs are known however long ago that was, the latest first', async () => {
  const { at } = await inFile();
  expect(await at(100).read()).toEqual([]);
  await at(100).remember([peer(1)]);
  await at(500).remember([peer(2)]);
  expect((await at(9_000).read()).map(({ multiaddrs }) => multiaddrs)).toEqual([
    peer(2).multiaddrs,
    peer(1).multiaddrs,
  ]);
});

test.each([1, 9_000])('after a run with a wrong clock (day %i) peers are neither lost nor put last', async (wrong) => {
  const { at } = await inFile();
  await at(500).remember([peer(1)]);
  await at(wrong).remember([peer(2)]);
  await at(501).remember([peer(3)]);
  expect((await at(501).read()).map(({ peerId }) => peerId)).toEqual([3, 2, 1].map((n) => peer(n).peerId));
});

test('an entry of an older version counts as a public peer, so its LAN addresses are not dialled', async () => {
  const { file, at } = await inFile();
  await at(1).remember([peer(1)]);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"scope": "private",/, ''));
  expect(await at(1).read()).toMatchObject([{ scope: 'public' }]);
});

test('of many the 200 that were met last are remembered', async () => {
  const { at } = await inFile();
  await at(1).remember([peer(1)]);
  await at(2).remember(Array.from({ length: 200 }, (_, n) => peer(n + 2)));
  const known = await at(2).read();
  expect(known.length).toBe(200);
  expect(known.some(({ peerId }) => peerId === peer(1).peerId)).toBe(false);
});

test.each(['', 'nonsense', '{"peers": [{"peerId": 1}]}', '{}', '{"peers": ['])(
  'a file of %j is reported, and replaced',
  async (text) => {
    const { file, damages, at } = await inFile();
    await at(1).remember([peer(1)]);
    await writeFile(file, text);
    expect(await at(1).read()).toEqual([]);
    expect(damages).toHaveLength(1);
    await at(1).remember([peer(2)]);
    expect((await at(1).read()).length).toBe(1);
  },
);

test('what a kill left of a write does no harm', async () => {
  const { file, at } = await inFile();
  await at(1).remember([peer(1)]);
  await writeFile(`${file}.new`, 'half of a');
  expect(await at(1).read()).toHaveLength(1);
  await at(2).remember([peer(2)]);
  expect(await readdir(dirname(file))).toEqual(['known-peers.json']);
});
