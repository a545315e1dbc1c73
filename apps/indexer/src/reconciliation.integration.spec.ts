// Real: the index on a store of its own. The catalog is a map of the test.
import type { LibraryDocument } from '@allibrary/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Reconciliation } from './reconciliation.ts';
import { type TestIndex, documentOf, idOf, openFts5 } from './testing/test-index.ts';

const NEWEST = 50;
const never = new AbortController().signal;

let opened: TestIndex;
let catalog: Map<string, LibraryDocument>;
let mended: string[];
let isBehind: boolean;
/** What happens while facts may still be on their way. */
let meanwhile: () => Promise<unknown>;

beforeEach(async () => {
  opened = await openFts5();
  catalog = new Map();
  mended = [];
  isBehind = false;
  meanwhile = async () => {};
});
afterEach(() => opened.close());

const catalogued = (name: string): LibraryDocument => {
  const locations = [{ collection: 'library', path: name }];
  const common = { sizeBytes: 1, mediaType: 'text/plain', sha256: '0'.repeat(64), isPublic: true, addedAtMs: 1 };
  return { documentId: idOf(name), name, locations, ...common };
};
const put = (name: string) => catalog.set(idOf(name), catalogued(name));
const index = (name: string, sequence = 1) => opened.index.upsert(documentOf(name, 'heron'), sequence);

const compare = (): Promise<void> =>
  new Reconciliation({
    index: opened.index,
    indexing: {
      add: async ({ name }, sequence) => void (await index(name, sequence)),
      remove: (documentId, sequence) => opened.index.remove(documentId, sequence),
    },
    catalog: {
      // One document a page, so that a comparison has to ask for more.
      list: async (cursor) => {
        const at = Number(cursor ?? 0);
        const next = at + 1 < catalog.size ? String(at + 1) : null;
        return { items: [...catalog.values()].slice(at, at + 1), nextCursor: next, total: catalog.size };
      },
      find: async (documentId) => catalog.get(documentId) ?? null,
    },
    isBehind: async () => {
      await meanwhile();
      return isBehind;
    },
    isReadable: (problem) => problem === 'OCR is off',
    newestSequence: async () => NEWEST,
    settleMs: 0,
    logger: { warn: () => {} },
    metrics: { mended: (difference) => void mended.push(difference) },
  }).compare(never);

test('an index that is as the catalog is left alone', async () => {
  for (const name of ['a.txt', 'b.txt']) {
    put(name);
    await index(name);
  }
  await compare();
  expect(mended).toEqual([]);
  expect(await opened.index.find(idOf('a.txt'))).toMatchObject({ sequence: 1 });
});

test('what the index lacks is indexed, and what it has too much is removed', async () => {
  for (const name of ['a.txt', 'b.txt', 'c.txt']) put(name);
  await index('a.txt');
  await opened.index.remove(idOf('c.txt'), 2);
  await index('gone.txt');
  await compare();
  expect(mended.toSorted()).toEqual(['left-over', 'missing', 'missing']);
  expect((await opened.namesFor('heron')).toSorted()).toEqual(['a.txt', 'b.txt', 'c.txt']);
});

test('a document that can be read by now is read again, one that still can not is left alone', async () => {
  for (const [name, problem] of [
    ['scan.pdf', 'OCR is off'],
    ['bad.pdf', 'it is damaged'],
  ] as const) {
    put(name);
    await opened.index.upsert(documentOf(name, '', { problem }), 1);
  }
  await compare();
  expect(mended).toEqual(['unread']);
  expect(await opened.namesFor('heron')).toEqual(['scan.pdf']);
});

test('a fact that tells of something later wins over what was mended', async () => {
  put('a.txt');
  await compare();
  await opened.index.remove(idOf('a.txt'), NEWEST + 1);
  expect(await opened.index.count()).toBe(0);
});

test('what was only on its way is not mended', async () => {
  put('a.txt');
  await index('gone.txt');
  meanwhile = async () => {
    await index('a.txt', 3);
    await opened.index.remove(idOf('gone.txt'), 4);
  };
  await compare();
  expect(mended).toEqual([]);
});

test('an index that is behind is left to catch up', async () => {
  put('a.txt');
  isBehind = true;
  await compare();
  expect(mended).toEqual([]);
});
