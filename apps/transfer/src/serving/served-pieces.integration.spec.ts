// Real: SQLite on disk, files in a temporary folder. Nothing is published, verified or limited.
import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { Collection } from '@allibrary/contracts';
import { buildManifest } from '@allibrary/core';
import { CollectionFolder } from '@allibrary/library';
import type { Bus } from '@allibrary/messaging';
import { type DurableStore, Logger, type ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Catalog } from '../catalog/catalog.ts';
import { Outbox } from '../catalog/outbox.ts';
import { Revisions, openRevisionStore } from '../catalog/revisions.ts';
import { ServedFiles } from '../catalog/served-files.ts';
import { openTransferReadModel } from '../catalog/transfer-read-model.ts';
import { unthrottled } from '../limits/fair/throttle.ts';
import { BufferPool } from '../wire/buffer-pool.ts';
import { RefusalCode } from '../wire/messages.ts';
import { OfferedDocuments } from './offered-documents.ts';
import { PartialDocuments } from './partial-documents.ts';
import { refusalOf } from './refusal.ts';
import { SharedDocuments } from './shared-documents.ts';

const logger = new Logger({ service: 'test', level: 'error' });
const TEXT = 'okapi';

let folder: TempFolder;
let model: ReadModel;
let store: DurableStore;
let documents: SharedDocuments;
let offered: OfferedDocuments;
let documentId: string;

beforeEach(async () => {
  folder = await tempFolder();
  model = openTransferReadModel(folder.path);
  store = openRevisionStore(folder.path);
  const outbox = new Outbox(model, {} as Bus, logger);
  const catalog = new Catalog(model, outbox, new Revisions(model, store, Date.now), Date.now);
  const collection = Collection.parse({ id: 'library', name: 'Library', folder: folder.path });
  catalog.setCollections([collection], () => false);
  for (const path of ['a.txt', 'b.txt']) documentId = await record(catalog, path);

  const library = new CollectionFolder(collection, [folder.path]);
  const files = new ServedFiles(model);
  const check = { oneIn: 1_000, accept: async () => true };
  documents = new SharedDocuments(files, { openFile: ({ path }) => library.openFile(path) }, check);
  const partials = new PartialDocuments(() => true);
  offered = new OfferedDocuments({
    ...{ catalog, files, documents, partials },
    pool: new BufferPool(),
    throttle: unthrottled,
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await documents.close();
  model.close();
  store.close();
  await folder.remove();
});

async function record(catalog: Catalog, path: string): Promise<string> {
  const file = join(folder.path, path);
  await writeFile(file, TEXT);
  const { size: sizeBytes, mtimeMs: modifiedAtMs, ino: inode, dev: device } = await stat(file);
  const manifest = buildManifest(createHash('sha256').update(TEXT).digest(), sizeBytes);
  const document = { documentId: manifest.cid.toString(), mediaType: 'text/plain', nodes: [] };
  catalog.record({ ...{ collection: 'library', path, sizeBytes, modifiedAtMs, inode, device }, ...document });
  return document.documentId;
}

const piece = (index = 0) => offered.piece(documentId, index, 'peer', new AbortController().signal);
const refusal = (index = 0) =>
  piece(index).then(
    () => null,
    (error: unknown) => refusalOf(error).code,
  );
const damage = (path: string) => model.db.prepare(`INSERT INTO damage VALUES ('library', ?, 0, 'audit', 0)`).run(path);

test('at most two statements are run for each served piece', async () => {
  await piece(); // opens the file
  const runs = (['get', 'all', 'run', 'iterate'] as const).map((name) => vi.spyOn(StatementSync.prototype, name));
  expect((await piece()).toString()).toBe(TEXT);
  const count = runs.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  expect(count).toBeGreaterThan(0); // or nothing was counted
  expect(count).toBeLessThanOrEqual(2);
});

test('a piece that is damaged in one file is read from another', async () => {
  await writeFile(join(folder.path, 'a.txt'), 'other bytes'); // a read of it would be refused
  expect(await refusal()).toBe(RefusalCode.Unreadable);
  damage('a.txt');
  expect((await piece()).toString()).toBe(TEXT);
});

test('the reasons of the file reader become refusals on the wire', async () => {
  for (const path of ['a.txt', 'b.txt']) damage(path);
  expect(await refusal()).toBe(RefusalCode.Unreadable);
  expect(await refusal(1)).toBe(RefusalCode.Malformed);
  const other = documents.piece('unknown', 0, (bytes) => Buffer.alloc(bytes));
  await expect(other).rejects.toMatchObject({ code: 'not-here' });
  expect(refusalOf(await other.catch((error: unknown) => error)).code).toBe(RefusalCode.NotShared);
});
