// Real: everything, one whole node. Its watcher and its transfer are killed while a seeded writer works in the library.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilAgreed } from './support/agreement.ts';
import { RandomWriter } from './support/random-writer.ts';
import { Seedbox } from './support/seedbox.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const DEEDS = 60;
const KILLS = 3;

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
  await untilAgreed(seedbox, writer);
});

test('the index holds each document once', async () => {
  let documents = 0;
  for await (const _ of seedbox.allDocuments()) documents += 1;
  expect(await seedbox.metric('indexer', 'allibrary_index_documents')).toBe(documents);
});
