// Real: a folder on disk.
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptSecret } from './kept-secret.ts';

let folder: TempFolder;
let file: string;

beforeEach(async () => {
  folder = await tempFolder();
  file = join(folder.path, 'deep', 'key');
});
afterEach(() => folder.remove());

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test('a secret is created once, for its owner alone, and leaves no other file', async () => {
  const secret = keptSecret(file, 'key');
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(keptSecret(file, 'key')).toBe(secret);
  expect(await modeOf(file)).toBe(0o600);
  expect(await readdir(join(folder.path, 'deep'))).toEqual(['key']);
});

test('a secret that its owner wrote is used, and closed to others', async () => {
  file = join(folder.path, 'key');
  await writeFile(file, 'a-key-of-my-own-making\n', { mode: 0o644 });
  expect(keptSecret(file, 'key')).toBe('a-key-of-my-own-making');
  expect(await modeOf(file)).toBe(0o600);
});

test.each([
  ['empty', ''],
  ['blank', ' \n'],
  ['short', 'fifteen-letters\n'],
  ['of several lines', 'sixteen-letters-x\nsixteen-letters-y\n'],
  ['binary', '\0'.repeat(40)],
])('a file that is %s is refused with what to do, and kept', async (_, content) => {
  file = join(folder.path, 'key');
  await writeFile(file, content);
  expect(() => keptSecret(file, 'API key')).toThrow(`${file} holds no API key: restore it, or delete it`);
  expect((await stat(file)).size).toBe(content.length);
});
