// Real: the read model, in a temporary folder.
import { cpSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CollectionRecord } from './collection-record.ts';
import { KnownFiles, openWatcherReadModel } from './known-files.ts';

let folder: TempFolder;
let known: KnownFiles;
let record: CollectionRecord;
let close: () => void;

const version = (inode: string) => ({ sizeBytes: 5, modifiedAtMs: 1_000.5, inode });

beforeEach(async () => {
  folder = await tempFolder();
  reopen();
});
afterEach(async () => {
  close();
  await folder.remove();
});

test.each([
  ['that moved has not vanished', '7:12', '7:12', 0],
  ['that moved before its disk got another device number has not vanished', '7:12', '8:12', 0],
  ['whose inode no other file has is counted as vanished', '7:12', '7:13', 1],
])('a missing file %s', (_, before, after, vanished) => {
  known.record('before.txt', version(before), 1);
  known.record('after.txt', version(after), 1);
  known.markMissing('before.txt', 2_000);
  expect(known.countVanished(false)).toBe(vanished);
});

/** Opens the read model as a power cut leaves it. */
async function afterPowerCut(change: (watcherFolder: string) => void = () => {}): Promise<void> {
  const copy = await tempFolder();
  cpSync(join(folder.path, 'watcher'), join(copy.path, 'watcher'), { recursive: true });
  close();
  await folder.remove();
  folder = copy;
  change(join(folder.path, 'watcher'));
  reopen();
}

function reopen(): void {
  const model = openWatcherReadModel(folder.path);
  close = () => model.close();
  record = new CollectionRecord(model, 'library');
  record.open('/library');
  known = new KnownFiles(model, 'library');
}

/** Files that were written long ago and just now, both missing. */
function loseFiles(): void {
  known.record('old.txt', version('7:1'), 1);
  known.record('new.txt', { ...version('7:2'), modifiedAtMs: Date.now() }, 1);
  for (const path of ['old.txt', 'new.txt']) known.markMissing(path, Date.now());
}

test('a file that was written right before a power cut may be gone', async () => {
  loseFiles();
  await afterPowerCut();
  expect(known.countVanished(false)).toBe(1);
  expect(known.countVanished(true)).toBe(2); // in another folder it counts
});

test('a power cut that left nothing of the read model is one as well', async () => {
  await afterPowerCut((watcherFolder) => {
    for (const name of readdirSync(watcherFolder)) truncateSync(join(watcherFolder, name));
  });
  loseFiles(); // as the catalog remembers them
  expect(known.countVanished(false)).toBe(1);
});

test('a restart before the losses of a power cut are judged changes nothing', async () => {
  loseFiles();
  await afterPowerCut();
  close();
  reopen();
  expect(known.countVanished(false)).toBe(1);
  record.forgetUncleanStop();
  expect(known.countVanished(false)).toBe(2);
});

test('after a clean stop every missing file counts as vanished', () => {
  loseFiles();
  close();
  reopen();
  expect(known.countVanished(false)).toBe(2);
});
