// Real: everything. Whole nodes on loopback, each started as `npm start` starts it; one mirrors what the others share.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadCounts } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { documentIdOf } from './support/agreement.ts';
import { refusals } from './support/refusals.ts';
import { Seedbox } from './support/seedbox.ts';

/** Documents that are mirrored from three nodes; the whole test takes a quarter of an hour with 20,000. */
const FROM_THREE = Number(process.env['ALLIBRARY_MIRROR_DOCUMENTS'] ?? 900);
const FROM_ONE = 5_000;
const AT_ONCE = 1_000;
const FILES_IN_FOLDER = 1_000;
const running: Seedbox[] = [];

afterEach(async () => {
  for (const seedbox of running.splice(0)) expect(await seedbox.stop()).toBe(0);
});

const textOf = (index: number): string => `Letter ${index} of the ferry company, with its answer.\n`;

/** Starts a library of `count` small texts, and waits until it shares all of them. */
async function startLibrary(first: number, count: number, bootstrap: readonly string[] = []): Promise<Seedbox> {
  const fill = async (library: string) => {
    for (let index = first; index < first + count; index++) {
      const folder = join(library, String(Math.floor(index / FILES_IN_FOLDER)));
      if (index === first || index % FILES_IN_FOLDER === 0) await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${index}.txt`), textOf(index));
    }
  };
  const library = await Seedbox.start({ fill, bootstrap });
  running.push(library);
  await eventually(async () => (await library.call<{ documents: number }>('GET', 'status')).documents === count, {
    timeoutMs: 300_000,
  });
  return library;
}

/** Downloads all documents; returns the number completed per second. */
async function mirror(node: Seedbox, documentIds: readonly string[]): Promise<number> {
  const startedAtMs = performance.now();
  for (let at = 0; at < documentIds.length; at += AT_ONCE)
    await node.call('POST', 'downloads', { documentIds: documentIds.slice(at, at + AT_ONCE) });
  const counts = async () => (await node.call<{ counts: DownloadCounts }>('GET', 'downloads?limit=1')).counts;
  await eventually(async () => (await counts()).completed === documentIds.length, { timeoutMs: 1_200_000 });
  return documentIds.length / ((performance.now() - startedAtMs) / 1_000);
}

const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => documentIdOf(textOf(index)));

test('5,000 small documents are mirrored from one node: all arrive, and no limit is reached', async () => {
  const library = await startLibrary(0, FROM_ONE);
  const node = await Seedbox.start({ bootstrap: [await library.address()] });
  running.push(node);
  await node.meets(1);
  const perSecond = await mirror(node, idsOf(FROM_ONE));
  console.log(`${perSecond.toFixed(0)} documents a second from one node`);
  for (const each of running) expect(await refusals(each)).toEqual([]);
}, 1_800_000);

test(`${FROM_THREE} small documents are mirrored from three nodes: all arrive, and no limit is reached`, async () => {
  const share = Math.ceil(FROM_THREE / 3);
  const first = await startLibrary(0, share);
  const bootstrap = [await first.address()];
  await startLibrary(share, share, bootstrap);
  await startLibrary(2 * share, share, bootstrap);
  const addresses = await Promise.all(running.map((each) => each.address()));
  const node = await Seedbox.start({ bootstrap: addresses });
  running.push(node);
  await node.meets(3);
  const perSecond = await mirror(node, idsOf(3 * share));
  console.log(`${perSecond.toFixed(0)} documents a second from three nodes`);
  for (const each of running) expect(await refusals(each)).toEqual([]);
}, 2_400_000);
