// Real: a folder with files, links, FIFOs and rights.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SkipReason } from './domain/entry-name.ts';
import { LibraryFolder } from './library-folder.ts';
import { walkFiles } from './library-walk.ts';

const NOBODY = 65_534;
const nothing = { kind: 'clear', sighting: null };

let temp: TempFolder;
let library: LibraryFolder;

beforeEach(async () => {
  temp = await tempFolder();
  mkdirSync(join(temp.path, 'library/shelf'), { recursive: true });
  writeFileSync(join(temp.path, 'library/shelf/book.txt'), 'a book');
  library = new LibraryFolder(join(temp.path, 'library'));
});
afterEach(() => temp.remove());

/** The superuser may read everything: run as such, a test of rights gives them up for its duration. */
async function withoutPrivileges<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  chmodSync(temp.path, 0o755);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

async function walk(): Promise<{ files: string[]; skipped: [string, SkipReason][] }> {
  const files: string[] = [];
  const skipped: [string, SkipReason][] = [];
  const stop = new AbortController();
  const found = walkFiles(library.root, (path, reason) => skipped.push([path, reason]), stop.signal);
  for await (const batch of found) files.push(...batch);
  return { files: files.toSorted(), skipped: skipped.toSorted(([one], [other]) => one.localeCompare(other)) };
}

test('a look tells a file from what is no file', async () => {
  expect(await library.look('shelf/book.txt')).toMatchObject({ kind: 'clear', sighting: { sizeBytes: 6 } });
  expect(await library.look('shelf')).toEqual(nothing);
  expect(await library.look('none.txt')).toEqual(nothing);
  expect(await library.look('shelf/book.txt/none.txt')).toEqual(nothing);
  execFileSync('mkfifo', [library.absolute('fifo')]);
  expect(await library.look('fifo')).toEqual({ ...nothing, skipped: 'special' });
});

test('a look follows no link, neither at the end of a path nor on the way', async () => {
  mkdirSync(join(temp.path, 'outside'));
  writeFileSync(join(temp.path, 'outside/secret.txt'), 'secret');
  symlinkSync('../outside', library.absolute('out'));
  symlinkSync('shelf/book.txt', library.absolute('link.txt'));
  symlinkSync('loop', library.absolute('loop'));
  for (const path of ['out', 'out/secret.txt', 'link.txt', 'loop']) {
    expect(await library.look(path)).toEqual({ ...nothing, skipped: 'symlink' });
  }
  expect(await library.look('loop/file')).toEqual({ kind: 'unclear', skipped: 'symlink' });
});

test('a library that is itself reached by a link is shared', async () => {
  symlinkSync('library', join(temp.path, 'link'));
  const linked = new LibraryFolder(join(temp.path, 'link'));
  expect(await linked.look('shelf/book.txt')).toMatchObject({ sighting: { sizeBytes: 6 } });
});

test("what can't be read is unclear, not gone", async () => {
  chmodSync(library.absolute('shelf/book.txt'), 0o000);
  mkdirSync(library.absolute('closed'));
  writeFileSync(library.absolute('closed/file.txt'), 'x');
  chmodSync(library.absolute('closed'), 0o000);
  const unreadable = { kind: 'unclear', skipped: 'unreadable' };
  await withoutPrivileges(async () => {
    expect(await library.look('shelf/book.txt')).toEqual(unreadable);
    expect(await library.look('closed/file.txt')).toEqual(unreadable);
    expect((await walk()).skipped).toEqual([['closed', 'unreadable']]);
  });
  chmodSync(library.absolute('closed'), 0o755);
});

test('a file that is dated before 1970 has a version that can be published', async () => {
  const beforeThen = new Date(1969, 6, 20);
  utimesSync(library.absolute('shelf/book.txt'), beforeThen, beforeThen);
  expect(await library.look('shelf/book.txt')).toMatchObject({ sighting: { modifiedAtMs: 0 } });
});

test('the state of the folder itself', async () => {
  expect(await new LibraryFolder(join(temp.path, 'none')).state()).toEqual({ kind: 'missing' });
  expect(await new LibraryFolder(library.absolute('shelf/book.txt')).state()).toMatchObject({ kind: 'unreadable' });
  expect(await library.state()).toMatchObject({ kind: 'present', isEmpty: false });
  mkdirSync(join(temp.path, 'hiding/.allibrary'), { recursive: true });
  expect(await new LibraryFolder(join(temp.path, 'hiding')).state()).toMatchObject({ kind: 'present', isEmpty: true });
});

test('a walk finds all files, passes over hidden ones, and names what it skips', async () => {
  for (let n = 0; n < 130; n++) writeFileSync(library.absolute(`shelf/${n}.txt`), 'x');
  mkdirSync(library.absolute('.allibrary/partial'), { recursive: true });
  writeFileSync(library.absolute('.allibrary/partial/x.part'), 'x');
  writeFileSync(library.absolute('two\nlines.txt'), 'x');
  writeFileSync(Buffer.concat([Buffer.from(library.absolute('bad-')), Buffer.from([0xff])]), 'x');
  mkdirSync(Buffer.concat([Buffer.from(library.absolute('folder-')), Buffer.from([0xfe])]));
  symlinkSync('/etc', library.absolute('etc'));
  execFileSync('mkfifo', [library.absolute('fifo')]);
  const { files, skipped } = await walk();
  expect(files).toHaveLength(132);
  expect(files).toContain('two\nlines.txt');
  expect(skipped).toEqual([
    ['bad-\\xff', 'invalid-name'],
    ['etc', 'symlink'],
    ['fifo', 'special'],
    ['folder-\\xfe', 'invalid-name'],
  ]);
});

test('a walk of a folder that is missing fails, so that it is not taken for an empty one', async () => {
  await temp.remove();
  await expect(walk()).rejects.toMatchObject({ code: 'ENOENT' });
});
