// Real: a temp folder with files and symbolic links.
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LibraryFolder } from './library-folder.ts';

let folder: TempFolder;
let library: LibraryFolder;

beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(join(folder.path, 'library/birds'), { recursive: true });
  await mkdir(join(folder.path, 'library-of-others'));
  await writeFile(join(folder.path, 'secret.txt'), 'heron');
  await writeFile(join(folder.path, 'library-of-others/secret.txt'), 'heron');
  await writeFile(join(folder.path, 'library/birds/heron.txt'), 'heron');
  await symlink(join(folder.path, 'secret.txt'), join(folder.path, 'library/linked.txt'));
  await symlink('birds', join(folder.path, 'library/linked-birds'));
  library = await LibraryFolder.open(join(folder.path, 'library'));
});
afterEach(() => folder.remove());

test('a regular file of the right size is found', async () => {
  const path = join(library.root, 'birds/heron.txt');
  expect(await library.locate('birds/heron.txt', 5)).toEqual({ kind: 'file', path });
});

test.each([
  ['nothing', 'birds/egret.txt', 5],
  ['a file where a folder was', 'birds/heron.txt/egret.txt', 5],
  ['a file of another size', 'birds/heron.txt', 6],
])('%s is not the document', async (_case, location, sizeBytes) => {
  expect(await library.locate(location, sizeBytes)).toEqual({ kind: 'gone' });
});

test.each([
  ['a file outside', '../secret.txt'],
  ['a file outside, by a detour', 'birds/../../secret.txt'],
  ['a folder whose name begins alike', '../library-of-others/secret.txt'],
  ['the library itself', '.'],
  ['a symbolic link', 'linked.txt'],
  ['a file behind a symbolic link', 'linked-birds/heron.txt'],
  ['a folder', 'birds'],
  ['a name with NUL', 'birds/heron\0.txt'],
])('%s is refused', async (_case, location) => {
  expect(await library.locate(location, 5)).toMatchObject({ kind: 'refused', problem: expect.any(String) });
});

test('an absolute path is taken as one inside of the library', async () => {
  expect(await library.locate(join(folder.path, 'secret.txt'), 5)).toEqual({ kind: 'gone' });
});

test('a library that does not exist is refused with what to do', async () => {
  await expect(LibraryFolder.open(join(folder.path, 'nowhere'))).rejects.toThrow(/create it, or set ALLIBRARY_LIBRARY/);
  await expect(LibraryFolder.open(join(folder.path, 'secret.txt'))).rejects.toThrow(/not a folder/);
});

test('a library that is reached through a symbolic link is the folder behind it', async () => {
  const link = join(folder.path, 'link');
  await symlink(join(folder.path, 'library'), link);
  expect(await (await LibraryFolder.open(link)).locate('birds/heron.txt', 5)).toMatchObject({ kind: 'file' });
  await rm(link);
});
