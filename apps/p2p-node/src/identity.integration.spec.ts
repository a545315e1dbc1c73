// Real: files.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { afterAll, expect, test } from 'vitest';
import { loadIdentity } from './identity.ts';

const folder = await tempFolder();
afterAll(() => folder.remove());

test('the first start makes a key that only its owner can read, and later starts load it', async () => {
  const file = join(folder.path, 'new', 'identity.key');
  const first = await loadIdentity(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await loadIdentity(file)).equals(first)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['nonsense', 'this is no key'],
  ['half a key', '\u0008\u0001\u0012'],
])('a file with %s is an error that says what to do, and is left as it is', async (name, content) => {
  const file = join(folder.path, name);
  await writeFile(file, content);
  await expect(loadIdentity(file)).rejects.toThrow('put back a copy of it, or delete it');
  expect(await readFile(file, 'utf8')).toBe(content);
});
