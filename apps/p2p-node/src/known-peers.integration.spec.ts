// Real: a file in a temp folder.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { KnownPeers } from './known-peers.ts';

const DAY_MS = 24 * 3_600_000;
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function inFile(): Promise<{ file: string; at: (days: number) => KnownPeers }> {
  const folder = await tempFolder();
  cleanUps.push(() => folder.remove());
  const file = join(folder.path, 'p2p-node', 'known-peers.json');
  return { file, at: (days) => new KnownPeers(file, () => days * DAY_MS) };
}

const peer = (n: number) => ({
  peerId: `12D3KooW${`${n}`.replaceAll('0', 'z').padStart(44, 'x')}`,
  multiaddrs: [`/ip4/192.0.2.1/tcp/${n}`],
});

test('whom an earlier run has met is known for 30 days', async () => {
  const { at } = await inFile();
  expect(await at(100).read()).toEqual([]);
  await at(100).remember([peer(1)]);
  await at(120).remember([peer(2)]);
  expect((await at(120).read()).map(({ multiaddrs }) => multiaddrs)).toEqual([peer(2).multiaddrs, peer(1).multiaddrs]);
  expect((await at(131).read()).map(({ peerId }) => peerId)).toEqual([peer(2).peerId]);
});

test('of many the 200 that were met last are remembered', async () => {
  const { at } = await inFile();
  await at(1).remember([peer(1)]);
  await at(2).remember(Array.from({ length: 200 }, (_, n) => peer(n + 2)));
  const known = await at(2).read();
  expect(known.length).toBe(200);
  expect(known.some(({ peerId }) => peerId === peer(1).peerId)).toBe(false);
});

test.each(['', 'nonsense', '{"peers": [{"peerId": 1}]}'])('a file of %j is begun anew', async (text) => {
  const { file, at } = await inFile();
  await at(1).remember([peer(1)]);
  await writeFile(file, text);
  expect(await at(1).read()).toEqual([]);
  await at(1).remember([peer(2)]);
  expect((await at(1).read()).length).toBe(1);
});
