// Real: files.
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { afterAll, expect, test } from 'vitest';
import { DamagedIdentity, loadIdentity } from './identity.ts';

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
])('a file with %s is an error that names the remedy, and is left as it is', async (name, content) => {
  const file = join(folder.path, name);
  await writeFile(file, content);
  await expect(loadIdentity(file)).rejects.toThrow('restore it from a backup, or delete it');
  expect(await readFile(file, 'utf8')).toBe(content);
});

test('a key of which any byte was changed, or the end is missing, is refused: it never becomes another identity', async () => {
  const file = join(folder.path, 'changed.key');
  await loadIdentity(file);
  const sound = await readFile(file);
  for (let at = 0; at < sound.length; at++) {
    await writeFile(file, sound.with(at, (sound[at] ?? 0) ^ 0x40));
    await expect(loadIdentity(file), `byte ${at}`).rejects.toThrow(DamagedIdentity);
    await writeFile(file, sound.subarray(0, at));
    await expect(loadIdentity(file), `cut at ${at}`).rejects.toThrow(DamagedIdentity);
  }
});

test('what cannot be read as a file is refused with the remedy', async () => {
  const file = join(folder.path, 'a folder.key');
  await mkdir(file);
  await expect(loadIdentity(file)).rejects.toThrow('make it a file that the user of this node owns and can read');
});

test('a key that others may read, such as a restored copy, is closed to them again', async () => {
  const file = join(folder.path, 'open.key');
  const key = await loadIdentity(file);
  await chmod(file, 0o644);
  expect((await loadIdentity(file)).equals(key)).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('what a kill left of the first start is removed', async () => {
  const file = join(folder.path, 'crashed', 'identity.key');
  await mkdir(dirname(file));
  await writeFile(`${file}.123.new`, 'half of a');
  await loadIdentity(file);
  expect(await readdir(dirname(file))).toEqual(['identity.key']);
});
