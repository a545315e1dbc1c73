// Real: the index on a store of its own, and what decides about facts. The catalog is a map of the test.
import type { LibraryDocument } from '@allibrary/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nextStep } from './next-step.ts';
import { Reconciliation } from './reconciliation.ts';
import { type TestIndex, documentOf, idOf, openFts5 } from '../testing/test-index.ts';

const never = new AbortController().signal;

let opened: TestIndex;
let catalog: Map<string, LibraryDocument & { revision: number }>;
let latest: number;
let mended: string[];
/** The documents whose texts were read. */
let read: string[];
/** Documents that can't be read now. */
let unreadable: Set<string>;
/** What happens between the comparison and the look at a document that differs. */
let meanwhile: () => Promise<unknown>;
let reconciliation: Reconciliation;

beforeEach(async () => {
  opened = await openFts5();
  catalog = new Map();
  latest = 0;
  mended = [];
  read = [];
  unreadable = new Set();
  meanwhile = async () => {};
  reconciliation = reconcile();
});
afterEach(() => opened.close());

function put(name: string, revision: number, isPublic = true): void {
  const locations = [{ collection: 'library', path: name }];
  const common = { sizeBytes: 1, mediaType: 'text/plain', sha256: '0'.repeat(64), isPublic, addedAtMs: 1 };
  catalog.set(idOf(name), { documentId: idOf(name), name, locations, ...common, revision });
  latest = Math.max(latest, revision);
}

async function index(name: string, revision: number, isPublic = true): Promise<void> {
  await opened.index.upsert(documentOf(name, 'heron', { isPublic }), revision);
}

/** As the indexer takes in a fact. */
async function add({ name, isPublic, documentId, locations }: LibraryDocument, revision: number): Promise<void> {
  if (unreadable.has(name)) throw new Error('its disk is not mounted');
  const step = nextStep(
    await opened.index.find(documentId),
    { names: [name], locations, describing: locations },
    revision,
  ).kind;
  if (step === 'confirm') await opened.index.confirm(documentOf(name, '', { isPublic }), revision);
  if (step === 'index') await readAgain({ name, isPublic }, revision);
}

async function readAgain(
  { name, isPublic }: Pick<LibraryDocument, 'name' | 'isPublic'>,
  revision: number,
): Promise<void> {
  read.push(name);
  await index(name, revision, isPublic);
}

function reconcile(): Reconciliation {
  return new Reconciliation({
    index: opened.index,
    indexing: { add, readAgain, remove: (documentId, revision) => opened.index.remove(documentId, revision) },
    catalog: {
      // One document a page, so that a comparison has to ask for more.
      revisions: async (after) => {
        const ids = [...catalog.keys()].toSorted().filter((id) => id > after);
        const items = ids.slice(0, 1).map((documentId) => {
          const { revision = 0, isPublic = false } = catalog.get(documentId) ?? {};
          return { documentId, revision, isPublic };
        });
        return { items, isLast: ids.length < 2, latest };
      },
      find: async (documentId) => {
        await meanwhile();
        return catalog.get(documentId) ?? null;
      },
    },
    readsAgainWithOcr: true,
    logger: { info: () => {}, warn: () => {} },
    metrics: { mended: (difference) => void mended.push(difference) },
  });
}

const compare = (): Promise<boolean> => reconciliation.compare(never);
const revisionOf = async (name: string) => (await opened.index.find(idOf(name)))?.revision;

test('an index that is as the catalog is left alone', async () => {
  for (const name of ['a.txt', 'b.txt', 'c.txt']) {
    put(name, 4);
    await index(name, 4);
  }
  expect(await compare()).toBe(true);
  expect(mended).toEqual([]);
  expect(reconciliation.isComplete).toBe(true);
});

test('what the index lacks is indexed, and what it holds too long is removed', async () => {
  for (const name of ['a.txt', 'b.txt', 'c.txt']) put(name, 5);
  await index('a.txt', 5);
  await opened.index.remove(idOf('c.txt'), 2);
  await index('gone.txt', 1);
  await compare();
  expect(mended.toSorted()).toEqual(['left-over', 'missing', 'missing']);
  expect((await opened.namesFor('heron')).toSorted()).toEqual(['a.txt', 'b.txt', 'c.txt']);
});

test('a document that became private while its fact was lost is not found by others any more, and not read again', async () => {
  put('a.txt', 6, false);
  await index('a.txt', 5);
  await compare();
  expect(mended).toEqual(['changed']);
  expect(await opened.namesFor('heron', { scope: 'public' })).toEqual([]);
  expect(await opened.namesFor('heron')).toEqual(['a.txt']);
  expect(read).toEqual([]);
});

test('an index that is ahead of its catalog takes the word of the catalog, without reading what it has read', async () => {
  put('same.txt', 10, false);
  put('back.txt', 11);
  put('new.txt', 12);
  await index('same.txt', 900);
  await opened.index.remove(idOf('back.txt'), 901);
  await index('gone.txt', 902);
  await compare();
  expect((await opened.namesFor('heron')).toSorted()).toEqual(['back.txt', 'new.txt', 'same.txt']);
  expect(await opened.namesFor('heron', { scope: 'public', order: 'title' })).toEqual(['back.txt', 'new.txt']);
  expect(read.toSorted()).toEqual(['back.txt', 'new.txt']);
  expect(await revisionOf('same.txt')).toBe(10);
  put('gone.txt', 13);
  await add({ ...(catalog.get(idOf('gone.txt')) as LibraryDocument) }, 13);
  expect(await opened.namesFor('heron')).toContain('gone.txt');
});

test('a fact that comes during the comparison wins over what it found', async () => {
  put('a.txt', 5);
  await index('a.txt', 4);
  meanwhile = () => index('a.txt', 7, false);
  await compare();
  expect(await revisionOf('a.txt')).toBe(7);
  expect(await opened.namesFor('heron', { scope: 'public' })).toEqual([]);
});

test('a later fact wins over what was mended', async () => {
  put('a.txt', 5);
  await compare();
  await opened.index.remove(idOf('a.txt'), 6);
  expect(await opened.index.count()).toBe(0);
});

test('a document that is removed from the catalog during the comparison is not indexed', async () => {
  put('a.txt', 5);
  meanwhile = async () => catalog.clear();
  await compare();
  expect(mended).toEqual([]);
  expect(await opened.index.count()).toBe(0);
});

test('a document that can be read by now is read again, one that still can not is left alone', async () => {
  for (const [name, problemCode, picturePages] of [
    ['scan.pdf', 'ocr-off', 7],
    ['typed.pdf', null, 2],
    ['bad.pdf', 'unreadable', 0],
  ] as const) {
    put(name, 3);
    const problem = problemCode && 'it has no text';
    await opened.index.upsert(documentOf(name, '', { problem, problemCode, picturePages }), 3);
  }
  await compare();
  expect(mended).toEqual(['unread', 'unread']);
  expect((await opened.namesFor('heron')).toSorted()).toEqual(['scan.pdf', 'typed.pdf']);
});

test('a document that can not be mended holds up no other, and the comparison is not complete', async () => {
  for (const name of ['a.txt', 'b.txt', 'c.txt']) put(name, 5);
  unreadable.add('b.txt');
  expect(await compare()).toBe(false);
  expect(reconciliation.isComplete).toBe(false);
  expect((await opened.namesFor('heron')).toSorted()).toEqual(['a.txt', 'c.txt']);
  unreadable.clear();
  expect(await compare()).toBe(true);
  expect((await opened.namesFor('heron')).toSorted()).toEqual(['a.txt', 'b.txt', 'c.txt']);
});
