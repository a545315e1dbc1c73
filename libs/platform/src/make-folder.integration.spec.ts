// Real: a temporary folder and /proc.
import { writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

test('all missing folders are made, and those that are there are left', async () => {
  const deep = join(folder.path, 'a/b/c');
  makeFolder(deep, 0o700);
  makeFolder(deep);
  expect((await stat(deep)).mode & 0o777).toBe(0o700);
});

test('a folder that cannot be made is an error, not an endless loop', () => {
  writeFileSync(join(folder.path, 'file'), '');
  expect(() => makeFolder('/proc/nope/deeper')).toThrow(/ENOENT/);
  expect(() => makeFolder(join(folder.path, 'file'))).toThrow(/EEXIST/);
  expect(() => makeFolder(join(folder.path, 'file/deeper'))).toThrow(/ENOTDIR/);
});
