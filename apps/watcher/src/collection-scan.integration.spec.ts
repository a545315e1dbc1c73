// Real: a folder, the read model. The reviews that a scan asks for are listed instead of done.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Attention } from './attention.ts';
import { systemClock as clock } from './clock.ts';
import { Settling } from './domain/settling.ts';
import { KnownFiles, openWatcherReadModel } from './known-files.ts';
import { LibraryFolder } from './library-folder.ts';
import { LibraryGuard } from './library-guard.ts';
import { LibraryScan } from './library-scan.ts';

let temp: TempFolder;
let model: ReadModel;
let known: KnownFiles;
let folder: LibraryFolder;
let reviewed: string[] = [];

beforeEach(async () => {
  temp = await tempFolder();
  model = openWatcherReadModel(temp.path);
  known = new KnownFiles(model);
  folder = new LibraryFolder(join(temp.path, 'library'));
  mkdirSync(folder.root);
});
afterEach(async () => {
  model.close();
  await temp.remove();
  reviewed = [];
});

async function scan(): Promise<number> {
  const attention = new Attention({
    settling: new Settling(0),
    review: async (path) => void reviewed.push(path),
    clock,
    onOverflow: () => {},
    onTrouble: () => {},
    onRecovery: () => {},
  });
  const skipped = { note: () => {} };
  const files = await new LibraryScan({
    folder,
    guard: new LibraryGuard(folder, known),
    known,
    attention,
    skipped,
  }).run(new AbortController().signal);
  await attention.stop();
  return files;
}

async function addKnown(path: string): Promise<void> {
  writeFileSync(folder.absolute(path), path);
  const look = await folder.look(path);
  if (look.kind === 'clear' && look.sighting) known.record(path, look.sighting);
}

test('a scan asks for a review of what differs from what is known, and of nothing else', async () => {
  for (let n = 0; n < 1_500; n++) await addKnown(`${n}.txt`);
  expect([await scan(), reviewed]).toEqual([1_500, []]);
  writeFileSync(folder.absolute('1.txt'), 'changed');
  writeFileSync(folder.absolute('new.txt'), 'new');
  for (const n of [0, 700, 1_499]) rmSync(folder.absolute(`${n}.txt`));
  expect(await scan()).toBe(1_498);
  expect(reviewed.toSorted()).toEqual(['0.txt', '1.txt', '1499.txt', '700.txt', 'new.txt']);
});

test('a library that is out of reach fails the scan, and no review is asked for', async () => {
  await addKnown('a.txt');
  await scan();
  renameSync(folder.root, join(temp.path, 'elsewhere'));
  await expect(scan()).rejects.toThrow('is missing: mount its disk');
  mkdirSync(folder.root);
  await expect(scan()).rejects.toThrow('is empty and not the one that held 1 files');
  expect(reviewed).toEqual([]);
  writeFileSync(folder.absolute('.hidden'), '');
  await expect(scan()).rejects.toThrow('is empty');
  writeFileSync(folder.absolute('b.txt'), '');
  await scan();
  expect(reviewed.toSorted()).toEqual(['a.txt', 'b.txt']);
});
