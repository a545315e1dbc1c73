// Real: indexes in files. An index of an earlier reading answers while the next one is filled; the facts are played.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FTS5_SCHEMA } from '../fts5/fts5-schema.ts';
import { Fts5Threads } from '../fts5/fts5-threads.ts';
import { IndexingProgress } from '../indexing/indexing-progress.ts';
import { openIndex } from './open-index.ts';
import { RecordedMeilisearch } from '../testing/recorded-meilisearch.ts';
import { TestIndex, documentOf, idOf } from '../testing/test-index.ts';

const EARLIER = FTS5_SCHEMA.version + 1; // a reading that is not the present one; earlier or later makes no difference

let folder: TempFolder;
let opened: TestIndex | null;
beforeEach(async () => {
  folder = await tempFolder();
  opened = null;
});
afterEach(async () => {
  await opened?.close();
  await folder.remove();
});

const file = (): string => join(folder.path, 'indexer', 'index.db');
const files = async (): Promise<string[]> => (await readdir(join(folder.path, 'indexer'))).toSorted();

async function open(meilisearchUrl?: string): Promise<TestIndex> {
  const settings = { meilisearchUrl, meilisearchMasterKey: undefined, meilisearchPrefix: 'lib' };
  const index = await openIndex({ dataDir: folder.path, ...settings });
  opened = new TestIndex(index, () => index.close());
  return opened;
}

async function leaveBehind(version: number): Promise<void> {
  const index = Fts5Threads.open(file(), version);
  await index.upsert(documentOf('heron.txt', 'the grey heron'), 1);
  await index.upsert(documentOf('egret.txt', 'the white egret'), 2);
  await index.close();
}

const progressOf = (
  index: TestIndex['index'],
  waiting: () => number | null,
  isComplete = () => true,
): IndexingProgress =>
  new IndexingProgress({
    ...{ index, backlog: { count: async () => waiting() }, now: Date.now },
    reconciliation: {
      get isComplete() {
        return isComplete();
      },
    },
    logger: { info: () => {}, warn: () => {} },
  });

test('the index before it answers until all facts are handled; then its file is deleted', async () => {
  await leaveBehind(EARLIER);
  const library = await open();
  const { index } = library;
  expect(index.isRebuilding).toBe(true);
  expect(await index.count()).toBe(2);
  expect(await library.namesFor('heron')).toEqual(['heron.txt']);
  expect(await index.find(idOf('heron.txt'))).toBeNull();

  let waiting: number | null = null;
  const progress = progressOf(index, () => waiting);
  await progress.look();
  waiting = 1;
  await index.upsert(documentOf('heron.txt', 'the grey heron, read anew'), 1);
  await progress.look();
  expect(index.isRebuilding).toBe(true);
  expect((await library.ask('egret')).hits).toHaveLength(1);

  waiting = 0;
  await index.upsert(documentOf('egret.txt', 'the white egret, read anew'), 2);
  await progress.look();
  expect(index.isRebuilding).toBe(false);
  expect(await library.namesFor('anew', { order: 'title' })).toEqual(['egret.txt', 'heron.txt']);
  expect((await files()).every((name) => !name.includes('previous'))).toBe(true);
});

test('the index before it answers until the new one was compared with the catalog: the bus may have lost facts', async () => {
  await leaveBehind(EARLIER);
  const { index } = await open();
  let isCompared = false;
  const progress = progressOf(
    index,
    () => 0,
    () => isCompared,
  );
  await progress.look();
  expect(index.isRebuilding).toBe(true);
  isCompared = true;
  await progress.look();
  expect(index.isRebuilding).toBe(false);
});

test('what changes meanwhile counts at once: new, removed, and made private', async () => {
  await leaveBehind(EARLIER);
  const library = await open();
  const { index } = library;
  await index.upsert(documentOf('bittern.txt', 'the bittern'), 3);
  await index.remove(idOf('egret.txt'), 4);
  await index.upsert(documentOf('heron.txt', 'the grey heron', { isPublic: false }), 5);
  expect(await library.namesFor('the', { order: 'title' })).toEqual(['bittern.txt', 'heron.txt']);
  expect(await library.namesFor('the', { scope: 'public' })).toEqual(['bittern.txt']);
});

test('facts that come again from the beginning take nothing from the index before it', async () => {
  await leaveBehind(EARLIER);
  const library = await open();
  const { index } = library;
  await index.remove(idOf('egret.txt'), 1); // it had been removed before it was added for good
  await index.upsert(documentOf('heron.txt', 'older', { isPublic: false }), 0);
  expect(await library.namesFor('egret')).toEqual(['egret.txt']);
  expect(await library.namesFor('heron', { scope: 'public' })).toEqual(['heron.txt']);
});

test('a rebuild that was interrupted goes on after the next start', async () => {
  await leaveBehind(EARLIER);
  const first = await open();
  await first.index.upsert(documentOf('heron.txt', 'the grey heron'), 1);
  await first.close();
  const library = await open();
  const { index } = library;
  expect(index.isRebuilding).toBe(true);
  expect(await index.find(idOf('heron.txt'))).toMatchObject({ revision: 1 });
  expect(await library.namesFor('egret')).toEqual(['egret.txt']);
});

test('a rebuild that an upgrade interrupted begins anew, and the whole index goes on answering', async () => {
  await leaveBehind(EARLIER);
  const first = await open();
  await first.close();
  await rm(file());
  openReadModel({ file: file(), ...FTS5_SCHEMA, version: EARLIER + 1 }).close();
  const library = await open();
  expect(library.index.isRebuilding).toBe(true);
  expect(await library.namesFor('egret')).toEqual(['egret.txt']);
});

test('the file answers while Meilisearch is filled for the first time', async () => {
  await leaveBehind(FTS5_SCHEMA.version);
  const meilisearch = await RecordedMeilisearch.start();
  try {
    const made = { createdAt: '2026-11-24T00:00:00Z', updatedAt: '2026-11-24T00:00:00Z', primaryKey: 'id' };
    for (const uid of ['lib_documents_v5', 'lib_passages_v5'])
      meilisearch.replies.set(`GET /indexes/${uid}`, [200, { uid, ...made }]);
    const library = await open(meilisearch.url);
    const { index } = library;
    expect(await library.namesFor('heron')).toEqual(['heron.txt']);
    await progressOf(index, () => 0).look();
    expect(await files()).toEqual([]);
  } finally {
    await opened?.close();
    opened = null;
    await meilisearch.stop();
  }
});

test('an index whose tables are other ones can answer nothing, and is deleted', async () => {
  openReadModel({ file: file(), ...FTS5_SCHEMA, version: 7 }).close();
  const { index } = await open();
  expect(index.isRebuilding).toBe(false);
  expect(await index.count()).toBe(0);
  expect((await files()).every((name) => !name.includes('previous'))).toBe(true);
});

test('an index of an earlier reading that lacks the newer tables answers, and takes new documents', async () => {
  await leaveBehind(EARLIER);
  const earlier = openReadModel({ file: file(), version: EARLIER, schema: '' });
  for (const table of ['concordances', 'spellings', 'variants']) earlier.db.exec(`DROP TABLE ${table}`);
  earlier.close();
  const { index } = await open();
  expect(index.isRebuilding).toBe(true);
  await index.upsert(documentOf('bittern.txt', 'a brown héron'), 3);
  expect((await opened?.namesFor('heron'))?.toSorted()).toEqual(['bittern.txt', 'heron.txt']);
});
