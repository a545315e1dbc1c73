// Real: folders on disk.
import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { firstWritable, inScratchFolder } from './program-cache.ts';

let folder: TempFolder;
let unusable: string;

beforeEach(async () => {
  folder = await tempFolder();
  await writeFile(join(folder.path, 'file'), '');
  unusable = join(folder.path, 'file', 'cache'); // root, too, cannot create it
});
afterEach(() => folder.remove());

test('the first folder that can be written is used, and created', async () => {
  const first = join(folder.path, 'a', 'b');
  const second = join(folder.path, 'c');
  expect(firstWritable([first, second])).toBe(first);
  expect(await readdir(join(folder.path, 'a'))).toEqual(['b']);
  expect(firstWritable([unusable, second])).toBe(second);
});

test('where no folder can be written, writing to the last one gives the reason', async () => {
  const last = firstWritable([join(unusable, 'other'), unusable]);
  expect(last).toBe(unusable);
  await expect(inScratchFolder(last, async () => {})).rejects.toThrow('ENOTDIR');
});

test('a scratch folder is deleted after success and failure, and its result stays', async () => {
  const cache = join(folder.path, 'cache');
  await inScratchFolder(cache, async (scratch) => {
    await writeFile(join(scratch, 'program'), '');
    await rename(join(scratch, 'program'), join(cache, 'program'));
  });
  await expect(inScratchFolder(cache, () => Promise.reject(new Error('cut off')))).rejects.toThrow('cut off');
  expect(await readdir(cache)).toEqual(['program']);
});
