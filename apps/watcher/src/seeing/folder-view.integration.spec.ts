// Real: a folder with files, links, FIFOs and rights.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { folderIdentity } from '@allibrary/library';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SkipReason } from './entry-name.ts';
import { IgnorePatterns } from './ignore-patterns.ts';
import { FolderView } from './folder-view.ts';
import { walkFiles } from './folder-walk.ts';
import { viewOf } from '../testing/collection-fixture.ts';

const NOBODY = 65_534;
/** Makes 1,500 folders in each other: no path leads to the innermost, so it goes down step by step. */
const DEEP = `
import os, sys
os.chdir(sys.argv[1])
for level in range(1500):
    os.mkdir('deeper'); os.chdir('deeper')
open('file.txt', 'w').close()
print(level + 1)
`;
const nothing = { kind: 'clear', sighting: null };

let temp: TempFolder;
let library: FolderView;
const inLibrary = (path: string) => join(temp.path, 'library', path);

beforeEach(async () => {
  temp = await tempFolder();
  mkdirSync(join(temp.path, 'library/shelf'), { recursive: true });
  writeFileSync(join(temp.path, 'library/shelf/book.txt'), 'a book');
  library = viewOf(inLibrary(''), temp.path);
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

interface Walked {
  readonly folders: string[];
  readonly files: string[];
  readonly skipped: [string, SkipReason][];
  readonly unclear: string[];
}

async function walk(options: { patterns?: string[]; resumeAt?: string } = {}): Promise<Walked> {
  const walked: Walked = { folders: [], files: [], skipped: [], unclear: [] };
  const parts = {
    open: (folder: string) => library.open(folder),
    folder: '',
    resumeAt: options.resumeAt,
    patterns: new IgnorePatterns(options.patterns ?? []),
    onFolder: async (folder: string) => void walked.folders.push(folder),
    onSkipped: (path: string, reason: SkipReason) => void walked.skipped.push([path, reason]),
    onUnclear: (folder: string) => void walked.unclear.push(folder),
  };
  for await (const batch of walkFiles(parts, new AbortController().signal)) walked.files.push(...batch.paths);
  walked.files.sort();
  walked.skipped.sort(([one], [other]) => one.localeCompare(other));
  return walked;
}

test('a look tells a file from what is no file', async () => {
  expect(await library.inspect('shelf/book.txt')).toMatchObject({ kind: 'clear', sighting: { sizeBytes: 6 } });
  expect(await library.inspect('shelf')).toEqual({ kind: 'folder' });
  expect(await library.inspect('none.txt')).toEqual(nothing);
  expect(await library.inspect('shelf/book.txt/none.txt')).toEqual(nothing);
  execFileSync('mkfifo', [inLibrary('fifo')]);
  expect(await library.inspect('fifo')).toEqual({ ...nothing, skipped: 'special' });
});

test('a look follows no link, neither at the end of a path nor on the way', async () => {
  mkdirSync(join(temp.path, 'outside'));
  writeFileSync(join(temp.path, 'outside/secret.txt'), 'secret');
  symlinkSync('../outside', inLibrary('out'));
  symlinkSync('shelf/book.txt', inLibrary('link.txt'));
  symlinkSync('loop', inLibrary('loop'));
  for (const path of ['out', 'out/secret.txt', 'link.txt', 'loop']) {
    expect(await library.inspect(path)).toEqual({ ...nothing, skipped: 'symlink' });
  }
  expect(await library.inspect('loop/file')).toEqual({ ...nothing, skipped: 'symlink' });
});

test('a library that is itself reached by a link is shared', async () => {
  symlinkSync('library', join(temp.path, 'link'));
  const linked = viewOf(join(temp.path, 'link'), temp.path);
  expect(await linked.inspect('shelf/book.txt')).toMatchObject({ sighting: { sizeBytes: 6 } });
});

test("what can't be read is unclear, not gone", async () => {
  chmodSync(inLibrary('shelf/book.txt'), 0o000);
  mkdirSync(inLibrary('closed'));
  writeFileSync(inLibrary('closed/file.txt'), 'x');
  chmodSync(inLibrary('closed'), 0o000);
  const unreadable = { kind: 'unclear', skipped: 'unreadable' };
  await withoutPrivileges(async () => {
    expect(await library.inspect('shelf/book.txt')).toEqual(unreadable);
    expect(await library.inspect('closed/file.txt')).toEqual(unreadable);
    expect(await walk()).toMatchObject({ skipped: [['closed', 'unreadable']], unclear: ['closed'] });
  });
  chmodSync(inLibrary('closed'), 0o755);
});

test('a file that is dated before 1970 has a version that can be published', async () => {
  const beforeThen = new Date(1969, 6, 20);
  utimesSync(inLibrary('shelf/book.txt'), beforeThen, beforeThen);
  expect(await library.inspect('shelf/book.txt')).toMatchObject({ sighting: { modifiedAtMs: 0 } });
});

test('the state of the folder itself', async () => {
  const stateOf = (path: string) => viewOf(path, temp.path).checkRoot();
  expect(await stateOf(join(temp.path, 'none'))).toMatchObject({
    kind: 'unavailable',
    evidence: expect.stringContaining('missing'),
  });
  expect(await stateOf(inLibrary('shelf/book.txt'))).toMatchObject({ kind: 'unavailable' });
  expect(await stateOf('/etc')).toMatchObject({
    kind: 'unavailable',
    remedy: expect.stringContaining('ALLIBRARY_LIBRARY_ROOTS'),
  });
  const identity = folderIdentity(statSync(inLibrary('')));
  expect(await library.checkRoot()).toMatchObject({ kind: 'present', identity });
});

test('a walk finds all files, passes over hidden ones, and names what it skips', async () => {
  for (let n = 0; n < 130; n++) writeFileSync(inLibrary(`shelf/${n}.txt`), 'x');
  mkdirSync(inLibrary('.allibrary/partial'), { recursive: true });
  writeFileSync(inLibrary('.allibrary/partial/x.part'), 'x');
  writeFileSync(inLibrary('two\nlines.txt'), 'x');
  writeFileSync(Buffer.concat([Buffer.from(inLibrary('bad-')), Buffer.from([0xff])]), 'x');
  mkdirSync(Buffer.concat([Buffer.from(inLibrary('folder-')), Buffer.from([0xfe])]));
  symlinkSync('/etc', inLibrary('etc'));
  execFileSync('mkfifo', [inLibrary('fifo')]);
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

test('a walk passes over what patterns leave out, and never enters such a folder', async () => {
  for (const folder of ['drafts/old', 'shelf/drafts']) mkdirSync(inLibrary(folder), { recursive: true });
  for (const file of ['drafts/old/a.txt', 'shelf/drafts/b.txt', 'shelf/c.tmp', 'shelf/keep.tmp'])
    writeFileSync(inLibrary(file), 'x');
  const { files, folders } = await walk({ patterns: ['/drafts/', '*.tmp', '!keep.tmp'] });
  expect(files).toEqual(['shelf/book.txt', 'shelf/drafts/b.txt', 'shelf/keep.tmp']);
  expect(folders).toEqual(['', 'shelf', 'shelf/drafts']);
});

test('a walk that was cut short at a folder goes on there', async () => {
  for (const folder of ['a/b', 'a/c', 'd']) {
    mkdirSync(inLibrary(folder), { recursive: true });
    writeFileSync(inLibrary(`${folder}/file.txt`), 'x');
  }
  writeFileSync(inLibrary('a/file.txt'), 'x');
  expect((await walk()).folders).toEqual(['', 'a', 'a/b', 'a/c', 'd', 'shelf']);
  const rest = await walk({ resumeAt: 'a/c' });
  expect(rest.folders).toEqual(['a/c', 'd', 'shelf']);
  expect(rest.files).toEqual(['a/c/file.txt', 'd/file.txt', 'shelf/book.txt']);
});

test('folders nested deeper than the system can name are skipped with a reason, and all else is found', async () => {
  const deep = execFileSync('python3', ['-c', DEEP, inLibrary('')], { encoding: 'utf8' });
  expect(Number(deep)).toBe(1_500);
  const { files, skipped, unclear } = await walk();
  expect(files).toEqual(['shelf/book.txt']);
  expect(skipped.map(([, reason]) => reason)).toEqual(['name-too-long']);
  expect(unclear.length).toBeLessThanOrEqual(1);
  execFileSync('rm', ['-rf', inLibrary('deeper')]); // Node's own rm fails at such paths
});
