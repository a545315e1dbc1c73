// Real: the read model, in a temporary folder.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KnownFiles, openWatcherReadModel } from './known-files.ts';

let folder: TempFolder;
let known: KnownFiles;
let close: () => void;

const version = (inode: string) => ({ sizeBytes: 5, modifiedAtMs: 1_000.5, inode });

beforeEach(async () => {
  folder = await tempFolder();
  const model = openWatcherReadModel(folder.path);
  close = () => model.close();
  known = new KnownFiles(model, 'library');
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

test.each([
  ['in the same folder it does not count as vanished', false, 1],
  ['in another folder it does', true, 2],
])('a file that was written right before an unclean stop may be gone: %s', async (_, isRootExchanged, vanished) => {
  known.record('old.txt', version('7:1'), 1);
  known.record('new.txt', { ...version('7:2'), modifiedAtMs: Date.now() }, 1);
  const copy = await tempFolder();
  cpSync(join(folder.path, 'watcher'), join(copy.path, 'watcher'), { recursive: true }); // as a power cut leaves it
  const model = openWatcherReadModel(copy.path);
  const left = new KnownFiles(model, 'library');
  for (const path of ['old.txt', 'new.txt']) left.markMissing(path, Date.now());
  expect(left.countVanished(isRootExchanged)).toBe(vanished);
  model.close();
  await copy.remove();
});

test('after a clean stop every missing file counts as vanished', () => {
  known.record('new.txt', { ...version('7:2'), modifiedAtMs: Date.now() }, 1);
  close();
  const model = openWatcherReadModel(folder.path);
  close = () => model.close();
  const left = new KnownFiles(model, 'library');
  left.markMissing('new.txt', Date.now());
  expect(left.countVanished(false)).toBe(1);
});
