// Real: folders on disk. The PATH is empty, so that there is neither a reader nor apt.
import { chmod, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findReaders } from './readers.ts';

const DAY_MS = 86_400_000;

let folder: TempFolder;
let unusable: string;
let own: string;
let printed: string[];
const print = (line: string): number => printed.push(line);

beforeEach(async () => {
  folder = await tempFolder();
  await writeFile(join(folder.path, 'file'), '');
  unusable = join(folder.path, 'file', 'readers'); // root, too, cannot create it
  own = join(folder.path, 'programs', 'readers');
  printed = [];
  vi.stubEnv('PATH', join(folder.path, 'bin'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

async function program(...path: string[]): Promise<void> {
  const file = join(...path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, '');
  await chmod(file, 0o755);
}

test('readers on the PATH need no folder', async () => {
  await program(folder.path, 'bin', 'pdftotext');
  expect(await findReaders(false, print, [own])).toBeUndefined();
  expect(printed).toEqual([]);
});

test('readers unpacked earlier are found in every cache, when all of them are there', async () => {
  await program(own, 'texts', 'usr', 'bin', 'pdftotext');
  expect(await findReaders(false, print, [unusable, own])).toBe(join(own, 'texts'));
  expect(printed).toEqual([]);
  await program(own, 'scans', 'usr', 'bin', 'tesseract');
  expect(await findReaders(true, print, [unusable, own])).toBeUndefined();
});

test('a failure is remembered for a day, in the cache that can be written', async () => {
  expect(await findReaders(false, print, [unusable, own])).toBeUndefined();
  expect(printed).toHaveLength(2);
  expect(await readdir(own)).toEqual(['missed-texts']);
  expect(await findReaders(false, print, [unusable, own])).toBeUndefined();
  expect(printed).toHaveLength(2);
  const yesterday = new Date(Date.now() - DAY_MS - 1_000);
  await utimes(join(own, 'missed-texts'), yesterday, yesterday);
  await findReaders(false, print, [unusable, own]);
  expect(printed).toHaveLength(4);
});

test('where nothing can be written, the node starts without them', async () => {
  expect(await findReaders(false, print, [unusable])).toBeUndefined();
  expect(printed).toEqual([expect.stringContaining('pdftotext'), expect.stringContaining('install poppler-utils')]);
});
