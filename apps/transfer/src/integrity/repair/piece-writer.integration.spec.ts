// Real: SQLite and files in a temporary folder. Stand in: the collections, by one folder; the outbox's broker, by none.
import { open, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildManifest } from '@allibrary/core';
import { Collection } from '@allibrary/contracts';
import { CollectionFolder } from '@allibrary/library';
import type { Bus } from '@allibrary/messaging';
import { Logger, type ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Catalog, type FileRecord } from '../../catalog/catalog.ts';
import { Outbox } from '../../catalog/outbox.ts';
import { Revisions, openRevisionStore } from '../../catalog/revisions.ts';
import { openTransferReadModel } from '../../catalog/transfer-read-model.ts';
import { DamageStore } from '../damage-store.ts';
import { FileEdited, PieceWriter } from './piece-writer.ts';

const LOCATION = { collection: 'library', path: 'book.txt' };
const GOOD = Buffer.from('what the file should hold');
const BAD = Buffer.from('what the f?le should hold');

let folder: TempFolder;
let model: ReadModel;
let catalog: Catalog;
let store: DamageStore;
let writer: PieceWriter;
let path: string;
let isWithheld: boolean;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder.path, LOCATION.path);
  await writeFile(path, BAD);
  await utimes(path, 1_700_000_000, 1_700_000_000);
  model = openTransferReadModel(folder.path);
  const outbox = new Outbox(model, {} as Bus, new Logger({ service: 'test', level: 'error' }));
  const revisions = new Revisions(model, openRevisionStore(folder.path), Date.now);
  catalog = new Catalog(model, outbox, revisions, Date.now);
  store = new DamageStore(model, outbox, Date.now);
  const collection = Collection.parse({ id: 'library', name: 'Library', folder: folder.path });
  const only = new CollectionFolder(collection, [folder.path]);
  isWithheld = false;
  const checkWritable = async () => {
    if (isWithheld) throw new Error('withheld');
  };
  writer = new PieceWriter({ store, catalog, collections: { find: () => only }, checkWritable, now: Date.now });
  const { size: sizeBytes, mtimeMs: modifiedAtMs, ino: inode, dev: device } = await stat(path);
  const manifest = buildManifest(createHash('sha256').update(GOOD).digest(), sizeBytes);
  const documentId = manifest.cid.toString();
  catalog.record({
    ...LOCATION,
    documentId,
    sizeBytes,
    modifiedAtMs,
    inode,
    device,
    mediaType: 'text/plain',
    nodes: manifest.nodes(),
  });
  store.damaged(record(), 0, 'audit');
});

afterEach(async () => {
  model.close();
  await folder.remove();
});

function record(): FileRecord {
  const file = catalog.file(LOCATION);
  if (!file) throw new Error('the file is not recorded');
  return file;
}

async function spoil(): Promise<void> {
  const file = await open(path, 'r+');
  await file.write('half a pie', 0);
  await file.close();
}

test('a written piece is right, and the file keeps its time', async () => {
  await writer.write(record(), 0, GOOD, []);
  expect(GOOD.equals(await readFile(path))).toBe(true);
  expect((await stat(path)).mtimeMs).toBe(record().modifiedAtMs);
  expect(store.pieces(LOCATION, 10)).toEqual([]);
  expect(store.brokenRepairs()).toEqual([]);
});

test('a crash in the middle of a write leaves a file that is known as damaged, and no edit', async () => {
  store.repairStarts(LOCATION);
  await spoil(); // and here the process ends
  await writer.settleBroken();
  expect((await stat(path)).mtimeMs).toBe(1_700_000_000_000);
  expect(store.pieces(LOCATION, 10)).toEqual([0]);
  await writer.write(record(), 0, GOOD, []);
  expect(GOOD.equals(await readFile(path))).toBe(true);
});

test('an edit after the crash stays an edit', async () => {
  store.repairStarts(LOCATION);
  await spoil();
  await utimes(path, 1_900_000_000, 1_900_000_000);
  await writer.settleBroken();
  expect((await stat(path)).mtimeMs).toBe(1_900_000_000_000);
  await expect(writer.write(record(), 0, GOOD, [])).rejects.toThrow(FileEdited);
});

test('a file that is recorded anew is not damaged any more', () => {
  catalog.recordAlso(record());
  expect(store.pieces(LOCATION, 10)).toEqual([]);
});

test('a file that was verified is not damaged any more, and a wish made meanwhile is kept', () => {
  const due = { ...LOCATION, wishes: store.want(undefined) };
  store.want(undefined);
  store.looked(due, true);
  expect(store.counts(0)).toMatchObject({ damaged: 0, overdue: 1 });
});

test('what is forgotten is not verified any more', () => {
  catalog.forget(LOCATION);
  expect(store.counts(0)).toEqual({ files: 0, overdue: 0, damaged: 0, repaired: 0 });
});

test('nothing is written into a collection that is withheld', async () => {
  isWithheld = true;
  await expect(writer.write(record(), 0, GOOD, [])).rejects.toThrow('withheld');
  expect(await readFile(path)).toEqual(BAD);
});
