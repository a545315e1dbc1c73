// Real: the read model, in a temporary folder.
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
  expect(known.countVanished()).toBe(vanished);
});
