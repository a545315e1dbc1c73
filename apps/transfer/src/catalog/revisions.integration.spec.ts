// Real: SQLite on disk, both stores.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DurableStore, type ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Revisions, openRevisionStore } from './revisions.ts';
import { openTransferReadModel } from './transfer-read-model.ts';

const NOW = 1_800_000_000_000;

let folder: TempFolder;
let model: ReadModel;
let store: DurableStore;
let revisions: Revisions;

beforeEach(async () => {
  folder = await tempFolder();
  open();
});
afterEach(async () => {
  close();
  await folder.remove();
});

const inData = (file: string): string => join(folder.path, 'transfer', file);

function open(now = NOW): void {
  model = openTransferReadModel(folder.path);
  store = openRevisionStore(folder.path);
  revisions = new Revisions(model, store, () => now);
}

function close(): void {
  model.close();
  store.close();
}

test('each revision is higher than the one before, over a restart too', () => {
  const first = revisions.next();
  expect(revisions.next()).toBe(first + 1);
  expect(revisions.latest).toBe(first + 1);
  close();
  open();
  expect(revisions.next()).toBeGreaterThan(first + 1);
});

test('a read model that a power cut made older gives no revision a second time', () => {
  revisions.next();
  model.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  copyFileSync(inData('transfer.sqlite'), inData('older'));
  const last = [1, 2, 3].map(() => revisions.next()).at(-1) ?? 0;
  close();
  for (const suffix of ['-wal', '-shm']) rmSync(inData(`transfer.sqlite${suffix}`), { force: true });
  copyFileSync(inData('older'), inData('transfer.sqlite'));
  open();
  expect(revisions.next()).toBeGreaterThan(last);
});

test('a new read model begins above all that was given out before', () => {
  const last = revisions.next();
  close();
  rmSync(inData('transfer.sqlite'));
  open();
  expect(revisions.next()).toBeGreaterThan(last);
});

test('a store that is lost continues above the read model, whatever the clock says', () => {
  const last = revisions.next();
  close();
  rmSync(inData('revisions.sqlite'));
  open(0);
  expect(revisions.next()).toBeGreaterThan(last);
});

test('when both are lost, the time continues above what a thousand starts have reserved', () => {
  for (let start = 0; start < 3; start++) {
    close();
    open();
  }
  const last = revisions.next();
  close();
  for (const file of ['revisions.sqlite', 'transfer.sqlite']) rmSync(inData(file));
  open(NOW + 4 * 1_000_000);
  expect(revisions.next()).toBeGreaterThan(last);
});

test('more revisions than one step are reserved in time', () => {
  const reserved = () => Number(store.db.prepare('SELECT revision FROM reserved').get()?.['revision']);
  const before = reserved();
  model.db.exec(`UPDATE revision SET latest = ${before - 1}`);
  expect(revisions.next()).toBe(before);
  expect(reserved()).toBe(before);
  expect(revisions.next()).toBe(before + 1);
  expect(reserved()).toBeGreaterThan(before + 1);
});

test('two replicas on one read model share the order', () => {
  const otherModel = openTransferReadModel(folder.path);
  const otherStore = openRevisionStore(folder.path);
  const other = new Revisions(otherModel, otherStore, () => NOW);
  const order = [revisions.next(), other.next(), revisions.next(), other.next()];
  expect(order).toEqual(order.toSorted((one, next) => one - next));
  expect(new Set(order).size).toBe(4);
  otherModel.close();
  otherStore.close();
});

test('revisions stay numbers that JavaScript and SQLite hold exactly', () => {
  expect(Number.isSafeInteger(revisions.next() + 1_000_000 * 1_000_000)).toBe(true);
});
