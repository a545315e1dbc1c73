// Real: everything, one whole node. Its watcher and its transfer are killed while a seeded writer works in the library.
import { createHash } from 'node:crypto';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RandomWriter } from './support/random-writer.ts';
import { Seedbox } from './support/seedbox.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const DEEDS = 60;
const KILLS = 3;
const UNTIL_AGREED = { timeoutMs: 60_000 };

let seedbox: Seedbox;
beforeAll(async () => {
  seedbox = await Seedbox.start();
});
afterAll(async () => {
  expect(await seedbox.stop()).toBe(0);
});

test.each(SEEDS)('seed %i: folder, catalog and index agree in the end', async (seed) => {
  const writer = new RandomWriter(seedbox.library, seed);
  const killAt = new Set(Array.from({ length: KILLS }, () => writer.below(DEEDS)));
  for (let deed = 0; deed < DEEDS; deed++) {
    if (killAt.has(deed)) await seedbox.kill(writer.below(2) === 0 ? 'watcher' : 'transfer').catch(() => {}); // it may be dead
    await writer.act();
  }
  const wanted = [...writer.texts].map(([path, text]) => [path, documentIdOf(text)]).toSorted(byPath);
  await eventually(async () => expect(await catalogOf(`seed-${seed}/`)).toEqual(wanted), UNTIL_AGREED);
  await eventually(async () => {
    for (const word of writer.words) expect(await holdersOf(word)).toEqual(idsWith(writer, word));
    return true;
  }, UNTIL_AGREED);
});

test('the index holds each document once', async () => {
  let documents = 0;
  for await (const _ of seedbox.allDocuments()) documents += 1;
  expect(await seedbox.metric('indexer', 'allibrary_index_documents')).toBe(documents);
});

const byPath = ([a = '']: string[], [b = '']: string[]): number => (a < b ? -1 : 1);

/** The document id of a text of a single piece, made without the code under test. */
const documentIdOf = (text: string): string =>
  CID.createV1(0x55, Digest.create(0x12, createHash('sha256').update(text).digest())).toString();

/** Each file of the catalog below a folder, with its document. */
async function catalogOf(folder: string): Promise<string[][]> {
  const files: string[][] = [];
  for await (const { documentId, locations } of seedbox.allDocuments())
    for (const { path } of locations) if (path.startsWith(folder)) files.push([path, documentId]);
  return files.toSorted(byPath);
}

/** The documents that the index finds by a word. */
const holdersOf = async (word: string): Promise<string[]> =>
  (await seedbox.search(word, 'local')).results.map(({ documentId }) => documentId);

/** The documents that must be found by a word: the one whose text has it, if a file still holds it. */
function idsWith(writer: RandomWriter, word: string): string[] {
  const text = [...writer.texts.values()].find((each) => each.startsWith(`${word} `));
  return text === undefined ? [] : [documentIdOf(text)];
}
