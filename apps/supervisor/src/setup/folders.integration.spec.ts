import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareFolders } from './folders.ts';

let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

test('missing folders are made, from where the user is', async () => {
  const path = await realpath(folder.path);
  expect(prepareFolders({ library: 'deep/library', data: 'data' }, path)).toEqual({
    library: join(path, 'deep/library'),
    data: join(path, 'data'),
  });
});

test('each folder that is none is named', async () => {
  await writeFile(join(folder.path, 'file'), '');
  const prepare = () => prepareFolders({ library: 'file', data: 'file/data' }, folder.path);
  expect(prepare).toThrow(
    expect.objectContaining({
      problems: [
        `--library ${join(folder.path, 'file')} is no folder. Choose another folder.`,
        `--data ${join(folder.path, 'file/data')} lies in something that is no folder. Choose another folder.`,
      ],
    }),
  );
});

test('a folder that cannot be made is named', () => {
  expect(() => prepareFolders({ library: 'library', data: '/proc/nope' }, folder.path)).toThrow(
    '--data /proc/nope cannot be made there. Choose another folder.',
  );
});

test.each([
  ['data in the library', 'library', 'library/data'],
  ['the library in data', 'data/library', 'data'],
  ['both at one place', 'data', 'data'],
])('%s is refused', (_, library, data) => {
  expect(() => prepareFolders({ library, data }, folder.path)).toThrow(/lies in --(library|data)/);
});

test('a link does not hide that one folder lies in the other', async () => {
  await mkdir(join(folder.path, 'library'));
  await symlink('library', join(folder.path, 'link'));
  expect(() => prepareFolders({ library: 'library', data: 'link/data' }, folder.path)).toThrow('lies in --library');
});

test('a folder whose name begins with that of the other is beside it', () => {
  expect(() => prepareFolders({ library: 'data-library', data: 'data' }, folder.path)).not.toThrow();
});
