// Real: nats-server, a temp folder with files and a symbolic link.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Collections, firstCollection } from '@allibrary/library';
import { Bus, Settings } from '@allibrary/messaging';
import { type TempFolder, type TestNats, TestSettings, startNats, tempFolder } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Located, openDocument } from './document-file.ts';

let nats: TestNats;
let folder: TempFolder;
let bus: Bus;
let collections: Collections;

beforeAll(async () => {
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  folder = await tempFolder();
  const libraryDir = join(folder.path, 'library');
  await mkdir(join(libraryDir, 'birds'), { recursive: true });
  await writeFile(join(libraryDir, 'birds/heron.txt'), 'heron');
  await symlink('birds', join(libraryDir, 'linked-birds'));
  const stored = new TestSettings();
  await stored.write('collections', { collections: [firstCollection(libraryDir)] });
  collections = await Collections.open(new Settings(bus, stored), { libraryDir, libraryRoots: [] });
});

afterAll(async () => {
  await collections.close();
  await bus.close();
  await nats.stop();
  await folder.remove();
});

const inLibrary = (path: string): Promise<Located> => openDocument(collections, { collection: 'library', path }, 5);

test('a regular file of the right size is opened', async () => {
  const found = await inLibrary('birds/heron.txt');
  if (found.kind !== 'file') throw new Error('it was not found');
  expect(await found.file.handle.readFile('utf8')).toBe('heron');
  await found.file.handle.close();
});

test.each([
  ['nothing', 'birds/egret.txt', 5],
  ['a file where a folder was', 'birds/heron.txt/egret.txt', 5],
  ['a file of another size', 'birds/heron.txt', 6],
])('%s is not the document', async (_case, path, sizeBytes) => {
  expect(await openDocument(collections, { collection: 'library', path }, sizeBytes)).toEqual({ kind: 'gone' });
});

test.each([
  ['a file behind a symbolic link', 'linked-birds/heron.txt'],
  ['a folder', 'birds'],
  ['a name with NUL', 'birds/heron\0.txt'],
  ['a path that leads out', '../secret.txt'],
])('%s is refused', async (_case, path) => {
  expect(await inLibrary(path)).toMatchObject({ kind: 'refused', problem: expect.any(String) });
});

test('a file of a collection that is no longer wanted is gone', async () => {
  expect(await openDocument(collections, { collection: 'films', path: 'heron.txt' }, 5)).toEqual({ kind: 'gone' });
});
