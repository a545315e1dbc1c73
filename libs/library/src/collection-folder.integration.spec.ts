// Real: a temp folder with files and symbolic links.
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CollectionFolder } from './collection-folder.ts';
import { LinkInPath, OutsideLibrary } from './opened-folder.ts';

let folder: TempFolder;

const inTemp = (path: string) => join(folder.path, path);
const folderAt = (path: string, roots = [inTemp('library')]) =>
  new CollectionFolder(
    {
      id: 'birds',
      name: 'Birds',
      folder: inTemp(path),
      visibility: 'public',
      writable: true,
      ignore: [],
      takesDownloads: false,
    },
    roots,
  );

beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(inTemp('library/birds'), { recursive: true });
  await mkdir(inTemp('library-of-others'));
  await writeFile(inTemp('secret.txt'), 'heron');
  await writeFile(inTemp('library-of-others/secret.txt'), 'heron');
  await writeFile(inTemp('library/birds/heron.txt'), 'heron');
  await symlink(inTemp('secret.txt'), inTemp('library/linked.txt'));
  await symlink('birds', inTemp('library/linked-birds'));
});
afterEach(() => folder.remove());

test('a file in the folder can be looked at and read', async () => {
  const library = folderAt('library');
  expect((await library.stat('birds/heron.txt'))?.size).toBe(5);
  const file = await library.openFile('birds/heron.txt');
  expect(await file.handle.readFile('utf8')).toBe('heron');
  expect(file.stats.size).toBe(5);
  await file.handle.close();
});

test.each(['birds/egret.txt', 'birds/heron.txt/egret.txt', 'nowhere/at/all.txt'])(
  'nothing lies at %s',
  async (path) => {
    expect(await folderAt('library').stat(path)).toBeUndefined();
  },
);

test.each([
  ['a file outside', '../secret.txt'],
  ['a file outside, by a detour', 'birds/../../secret.txt'],
  ['a folder whose name begins alike', '../library-of-others/secret.txt'],
  ['the folder itself', '.'],
  ['an absolute path', '/etc/hostname'],
  ['a file behind a symbolic link', 'linked-birds/heron.txt'],
])('%s is refused', async (_case, path) => {
  await expect(folderAt('library').stat(path)).rejects.toThrow(OutsideLibrary);
});

test('a symbolic link is seen as one, and never opened', async () => {
  const library = folderAt('library');
  expect((await library.stat('linked.txt'))?.isSymbolicLink()).toBe(true);
  await expect(library.openFile('linked.txt')).rejects.toMatchObject({ code: 'ELOOP' });
});

test('a folder that is replaced by a link after it was opened still leads to its own files', async () => {
  const library = folderAt('library');
  const content = await library.useParent('birds/heron.txt', async (opened, name) => {
    await rename(inTemp('library/birds'), inTemp('library/aside'));
    await symlink(inTemp('library-of-others'), inTemp('library/birds'));
    await expect(opened.statEntry('secret.txt')).rejects.toMatchObject({ code: 'ENOENT' });
    const { handle } = await opened.file(name);
    const text = await handle.readFile('utf8');
    await handle.close();
    return text;
  });
  expect(content).toBe('heron');
  await expect(library.openFile('birds/secret.txt')).rejects.toThrow(LinkInPath);
  await expect(library.openFolder('birds')).rejects.toThrow(LinkInPath);
});

test.each(['..', '.', '', 'birds/heron.txt'])('%j is no name of an entry in an opened folder', async (name) => {
  const opened = await folderAt('library').openFolder('');
  expect(() => opened.entry(name)).toThrow(OutsideLibrary);
  await opened.close();
});

test('a folder that is reached through a link is the one behind it, if that may be shared', async () => {
  await symlink(inTemp('library/birds'), inTemp('link'));
  expect((await folderAt('link').stat('heron.txt'))?.size).toBe(5);
  await symlink(inTemp('library-of-others'), inTemp('library/out'));
  await expect(folderAt('library/out').stat('secret.txt')).rejects.toThrow('ALLIBRARY_LIBRARY_ROOTS');
  const allowed = folderAt('library/out', [inTemp('library'), inTemp('library-of-others')]);
  expect((await allowed.stat('secret.txt'))?.size).toBe(5);
});
