// Real: a folder on disk.
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiKey, keptApiKey } from './api-key.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

test('the key is kept in the data folder', () => {
  const key = keptApiKey(folder.path);
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(keptApiKey(folder.path)).toBe(key);
});

test('a key matches itself alone', () => {
  const key = new ApiKey('0123456789abcdef');
  expect(key.matches('0123456789abcdef')).toBe(true);
  expect(key.matches('0123456789abcdeF')).toBe(false);
  expect(key.matches('')).toBe(false);
});
