// Real: SQLite on disk; nothing is published.
import { createHash } from 'node:crypto';
import { buildManifest } from '@allibrary/core';
import type { Bus } from '@allibrary/messaging';
import { type DurableStore, Logger, type ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Catalog } from './catalog.ts';
import { Outbox } from './outbox.ts';
import { Revisions, openRevisionStore } from './revisions.ts';
import { openTransferReadModel } from './transfer-read-model.ts';

const logger = new Logger({ service: 'test', level: 'error' });

let folder: TempFolder;
let model: ReadModel;
let store: DurableStore;
let catalog: Catalog;

beforeEach(async () => {
  folder = await tempFolder();
  model = openTransferReadModel(folder.path);
  store = openRevisionStore(folder.path);
  catalog = new Catalog(model, new Outbox(model, {} as Bus, logger), new Revisions(model, store, Date.now), Date.now);
});
afterEach(async () => {
  model.close();
  store.close();
  await folder.remove();
});

function record(path: string, { collection = 'library', text = path, modifiedAtMs = 5 } = {}): string {
  const manifest = buildManifest(createHash('sha256').update(text).digest(), text.length);
  const documentId = manifest.cid.toString();
  const version = { sizeBytes: text.length, modifiedAtMs, inode: 7, device: 8 };
  catalog.record({ collection, path, documentId, ...version, mediaType: 'text/plain', nodes: manifest.nodes() });
  return documentId;
}

const revisions = (after = '', limit = 1_000) => catalog.listRevisions({ after, limit });
const revisionOf = (documentId: string) => revisions().items.find((item) => item.documentId === documentId)?.revision;
const files = (after = '', limit = 1_000) => catalog.listFiles({ collection: 'library', after, limit });
const stored = () =>
  model.db
    .prepare('SELECT data FROM outbox ORDER BY id')
    .all()
    .map(({ data }) => JSON.parse(String(data)) as object);

test('each fact about a document has the revision that the catalog then has of it', () => {
  const documentId = record('a.txt');
  const first = revisionOf(documentId) ?? 0;
  record('b.txt', { text: 'a.txt' }); // one more location
  const second = revisionOf(documentId) ?? 0;
  for (const path of ['a.txt', 'b.txt']) catalog.forget({ collection: 'library', path });
  expect(second).toBeGreaterThan(first);
  expect(revisions().items).toEqual([]);
  expect(revisions().latest).toBeGreaterThan(second);
  expect(stored()).toMatchObject([
    { revision: first },
    { revision: second },
    { revision: second + 1 },
    { documentId, revision: revisions().latest },
  ]);
});

test('a document has the media type of the name that it has now', () => {
  const documentId = record('page.html', { text: 'a page' });
  const file = { documentId, sizeBytes: 6, modifiedAtMs: 5, inode: 7, device: 8 };
  catalog.recordAlso({ ...file, collection: 'library', path: 'page.md' });
  catalog.forget({ collection: 'library', path: 'page.html' });
  expect(catalog.document(documentId)).toMatchObject({ name: 'page.md', mediaType: 'text/markdown' });
  expect(stored().at(-1)).toMatchObject({ name: 'page.md', mediaType: 'text/markdown' });
});

test('revisions are listed in the order of the documents, page by page', () => {
  const ids = ['a.txt', 'b.txt', 'c.txt'].map((path) => record(path)).toSorted();
  expect(revisions().items.map(({ documentId }) => documentId)).toEqual(ids);
  const [first, second, third] = ids;
  expect(revisions('', 2)).toMatchObject({ items: [{ documentId: first }, { documentId: second }], isLast: false });
  expect(revisions(second, 2)).toMatchObject({ items: [{ documentId: third }], isLast: true });
  expect(revisions(third, 2)).toMatchObject({ items: [], isLast: true });
});

test('a document is listed as public from the moment at which one of its collections is', () => {
  record('a.txt');
  expect(revisions().items).toMatchObject([{ isPublic: false }]);
  const collection = { id: 'library', name: 'Library', folder: '/library', writable: true, ignore: [] };
  catalog.setCollections([{ ...collection, visibility: 'public', takesDownloads: true }], () => false);
  expect(revisions().items).toMatchObject([{ isPublic: true }]);
});

test('files are listed by collection in the order of their paths as UTF-8', () => {
  for (const path of ['b.txt', '\u{1F426}.txt', '\uFF5E.txt', 'a/c.txt']) record(path);
  record('other.txt', { collection: 'other' });
  expect(files().items.map(({ path }) => path)).toEqual(['a/c.txt', 'b.txt', '\uFF5E.txt', '\u{1F426}.txt']);
  expect(files('b.txt', 1)).toMatchObject({ items: [{ path: '\uFF5E.txt', inode: 7, device: 8 }], isLast: false });
  expect(catalog.collections).toEqual(['library', 'other']);
});

test('a page of files with long names is as long as a message may be, and the next one goes on', () => {
  const long = 'x'.repeat(4_000);
  for (let n = 100; n < 300; n++) record(`${n}${long}`);
  const first = files();
  expect(first.items.length).toBeLessThan(200);
  expect(first.isLast).toBe(false);
  const second = files(first.items.at(-1)?.path);
  const third = files(second.items.at(-1)?.path);
  expect(first.items.length + second.items.length + third.items.length).toBe(200);
  expect(third.isLast).toBe(true);
});

test('a file that is dated before 1970 can be listed', () => {
  record('old.txt', { modifiedAtMs: -1 });
  expect(files().items).toMatchObject([{ modifiedAtMs: 0 }]);
});

test('of a list of documents, those in the catalog are held', () => {
  const [a, b] = [record('a.txt'), record('b.txt')];
  const absent = record('c.txt');
  catalog.forget({ collection: 'library', path: 'c.txt' });
  expect(catalog.held([b, absent, a, b]).toSorted()).toEqual([a, b].toSorted());
  expect(catalog.held([])).toEqual([]);
});
