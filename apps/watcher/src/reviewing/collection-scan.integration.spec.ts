// Real: a folder, the read model. The reviews that a scan asks for are listed instead of done.
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock as clock } from '../known/clock.ts';
import { CollectionRecord } from '../known/collection-record.ts';
import { CollectionScan } from './collection-scan.ts';
import { type FolderView, versionOf } from '../seeing/folder-view.ts';
import { KnownFiles, openWatcherReadModel } from '../known/known-files.ts';
import { viewOf } from '../testing/collection-fixture.ts';

let temp: TempFolder;
let model: ReadModel;
let view: FolderView;
let known: KnownFiles;
let record: CollectionRecord;
let reviewed: string[] = [];
let read: string[] = [];
let skipped: string[] = [];
const inLibrary = (path: string) => join(temp.path, 'library', path);

beforeEach(async () => {
  temp = await tempFolder();
  mkdirSync(inLibrary(''));
  view = viewOf(inLibrary(''), temp.path);
  await view.checkRoot(); // it learns whether inodes are kept
  model = openWatcherReadModel(temp.path);
  known = new KnownFiles(model, 'birds');
  record = new CollectionRecord(model, 'birds');
  record.open(inLibrary(''));
});
afterEach(async () => {
  model.close();
  await temp.remove();
  [reviewed, read, skipped] = [[], [], []];
});

const scan = (stopAt = new AbortController(), stopFolder?: string) =>
  new CollectionScan({
    view,
    known: { files: known, record },
    changes: {
      watch: async (folder) => {
        read.push(folder);
        if (folder === stopFolder) stopAt.abort();
      },
    },
    reviews: { consider: async (path) => void reviewed.push(path) },
    skipped: { note: (path) => void skipped.push(path) },
    clock,
    events: { push: () => {} },
  });
const runFull = () => scan().runFull(new AbortController().signal);
const missing = () => known.missingPage(0, Number.MAX_VALUE, 10_000).map(({ path }) => path);

async function addKnown(path: string): Promise<void> {
  mkdirSync(join(inLibrary(path), '..'), { recursive: true });
  writeFileSync(inLibrary(path), path);
  known.record(path, versionOf(await lstat(inLibrary(path))), record.scan);
}

test('a scan asks for a review of what is new or changed, marks what it misses, and says nothing of the rest', async () => {
  for (let n = 0; n < 1_500; n++) await addKnown(`${n}.txt`);
  expect([await runFull(), reviewed, missing()]).toEqual([1_500, [], []]);
  writeFileSync(inLibrary('1.txt'), 'changed');
  writeFileSync(inLibrary('new.txt'), 'new');
  for (const n of [0, 700, 1_499]) rmSync(inLibrary(`${n}.txt`));
  expect(await runFull()).toBe(1_498);
  expect(reviewed.toSorted()).toEqual(['1.txt', 'new.txt']);
  expect(missing().toSorted()).toEqual(['0.txt', '1499.txt', '700.txt']);
});

test('a file that came back is not missing any more', async () => {
  await addKnown('a.txt');
  renameSync(inLibrary('a.txt'), join(temp.path, 'a.txt'));
  await runFull();
  expect(missing()).toEqual(['a.txt']);
  renameSync(join(temp.path, 'a.txt'), inLibrary('a.txt'));
  await runFull();
  expect([missing(), reviewed]).toEqual([[], []]);
});

test('a file in the place of another of the same size and date is reviewed', async () => {
  await addKnown('a.txt');
  const date = new Date(2001, 1);
  utimesSync(inLibrary('a.txt'), date, date);
  known.record('a.txt', versionOf(await lstat(inLibrary('a.txt'))), record.scan);
  writeFileSync(inLibrary('b.txt'), 'other'); // as many bytes
  utimesSync(inLibrary('b.txt'), date, date);
  renameSync(inLibrary('b.txt'), inLibrary('a.txt'));
  await runFull();
  expect(reviewed).toEqual(['a.txt']);
});

test('a scan of one folder judges nothing outside of it, and a folder that is gone has lost all its files', async () => {
  for (const path of ['a/1.txt', 'a/b/2.txt', 'ab/3.txt', '4.txt']) await addKnown(path);
  rmSync(inLibrary('a'), { recursive: true });
  rmSync(inLibrary('4.txt'));
  await scan().runFolder('a', new AbortController().signal);
  expect(missing()).toEqual(['a/1.txt', 'a/b/2.txt']);
});

test('a scan that was cut short goes on where it was, and what it had seen is not missing', async () => {
  for (const path of ['a/1.txt', 'b/2.txt', 'c/3.txt']) await addKnown(path);
  rmSync(inLibrary('c/3.txt'));
  const stop = new AbortController();
  await scan(stop, 'b').runFull(stop.signal);
  expect(missing()).toEqual([]);
  const from = record.position?.folder ?? 'none'; // it is kept once a second
  read = [];
  await runFull();
  expect([read[0], record.position]).toEqual([from, null]);
  expect(missing()).toEqual(['c/3.txt']);
});

test('a scan fails when its folder is missing, and misses nothing', async () => {
  await addKnown('a.txt');
  rmSync(inLibrary(''), { recursive: true });
  await expect(runFull()).rejects.toMatchObject({ code: 'ENOENT' });
  expect(missing()).toEqual([]);
});
