// Real: a temporary folder and /proc.
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StartRefused } from './config.ts';
import { dataFolderProblem, openDataFolder } from './data-folder.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

test('a missing data folder is made, and is a problem when it is gone later', async () => {
  const data = join(folder.path, 'var/data');
  await openDataFolder(data);
  expect(await dataFolderProblem(data)).toBeNull();
  await rm(data, { recursive: true });
  expect(await dataFolderProblem(data)).toBe(
    `the data folder ${data} cannot be used: it is not there: mount its disk, or make it again`,
  );
});

test.each(['/proc/nope', '/sys/nope'])('a service does not start with the data folder %s', async (data) => {
  await expect(openDataFolder(data)).rejects.toThrow(StartRefused);
  await expect(openDataFolder(data)).rejects.toThrow(data);
});

test('a file is no data folder', async () => {
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  await expect(openDataFolder(file)).rejects.toThrow(/EEXIST/);
});
