// Real: files in a temporary folder and this process's descriptors. Stand in: the catalog, by one record; the check, by none.
import { readdirSync, readlinkSync } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Collection } from '@allibrary/contracts';
import { CollectionFolder, type Collections } from '@allibrary/library';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileRecord } from '../catalog/catalog.ts';
import { SharedDocuments } from './shared-documents.ts';

const IDLE_MS = 100;
let folder: TempFolder;
let documents: SharedDocuments;

beforeEach(async () => {
  folder = await tempFolder();
  await writeFile(join(folder.path, 'a.txt'), 'okapi');
  const { size: sizeBytes, mtimeMs: modifiedAtMs, ino: inode, dev: device } = await stat(join(folder.path, 'a.txt'));
  const location = { collection: 'library', path: 'a.txt' };
  const record: FileRecord = { ...location, documentId: 'document', sizeBytes, modifiedAtMs, inode, device };
  const collection = Collection.parse({ id: 'library', name: 'Library', folder: folder.path });
  const only = new CollectionFolder(collection, [folder.path]);
  const check = { oneIn: 1_000, accept: async () => true };
  documents = new SharedDocuments(
    { file: () => record, fileWithPiece: () => ({ file: record, isDamaged: false }) },
    { openFile: ({ path }: { path: string }) => only.openFile(path) } as unknown as Collections,
    check,
    IDLE_MS,
  );
});
afterEach(async () => {
  await documents.close();
  await folder.remove();
});

/** Descriptors that keep the folder's disk from being unmounted. */
const held = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder.path) ? [path] : [];
    } catch {
      return []; // closed meanwhile
    }
  });

async function read(): Promise<string> {
  const bytes = Buffer.alloc(5);
  await documents.read('document', bytes, 0);
  return bytes.toString();
}

test('a served file is closed when it has been idle, and opened again when it is wanted', async () => {
  expect(await read()).toBe('okapi');
  expect(held()).toHaveLength(1);
  await eventually(() => held().length === 0);
  expect(await read()).toBe('okapi');
});

test('a deleted file is refused and closed at once, so that its space is free', async () => {
  await read();
  await rm(join(folder.path, 'a.txt'));
  await expect(read()).rejects.toThrow('the file is gone');
  await eventually(() => held().length === 0);
});

test('a file that was renamed is served until its new name is known', async () => {
  await read();
  await rename(join(folder.path, 'a.txt'), join(folder.path, 'b.txt'));
  expect(await read()).toBe('okapi');
});
