// Real: a folder on disk.
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiKey, keptApiKey } from './api-key.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

const modeOf = async (file: string): Promise<number> => (await stat(join(folder.path, file))).mode & 0o777;

test('a key is made once, for its owner alone, and leaves no other file', async () => {
  const key = keptApiKey(folder.path);
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(keptApiKey(folder.path)).toBe(key);
  expect(await modeOf('api-key')).toBe(0o600);
  expect(await readdir(folder.path)).toEqual(['api-key']);
});

test('a key that somebody wrote is taken, and closed to others', async () => {
  await writeFile(join(folder.path, 'api-key'), 'a-key-of-my-own-making\n', { mode: 0o644 });
  expect(keptApiKey(folder.path)).toBe('a-key-of-my-own-making');
  expect(await modeOf('api-key')).toBe(0o600);
});

test('a file that holds no key is an error that says what to do', async () => {
  await writeFile(join(folder.path, 'api-key'), 'short\n');
  expect(() => keptApiKey(folder.path)).toThrow(/api-key holds no API key; delete it/);
});

test('a key matches itself alone', () => {
  const key = new ApiKey('0123456789abcdef');
  expect(key.matches('0123456789abcdef')).toBe(true);
  expect(key.matches('0123456789abcdeF')).toBe(false);
  expect(key.matches('')).toBe(false);
});
