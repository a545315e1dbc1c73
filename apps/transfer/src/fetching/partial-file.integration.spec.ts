// Real: files in a temp folder.
import { hash, randomBytes } from 'node:crypto';
import { copyFile, open, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, PIECE_BYTES, buildManifest } from '@allibrary/core';
import { OpenedFolder } from '@allibrary/library';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BufferPool } from '../wire/buffer-pool.ts';
import { PartialFile, movePartialFile, removePartialFile } from './partial-file.ts';
import { PieceRecord, PieceState } from './piece-record.ts';

const NAME = 'document.part';
const PIECES = 5;
const pool = new BufferPool();
const bytes = randomBytes((PIECES - 1) * PIECE_BYTES + 77);
const pieces = Array.from({ length: PIECES }, (_, index) =>
  bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
);
const digests = Buffer.concat(pieces.map((piece) => hash('sha256', piece, 'buffer')));
const manifest: Manifest = buildManifest(digests, bytes.length);

let folder: TempFolder;
let partials: OpenedFolder;
let path: string;
beforeEach(async () => {
  folder = await tempFolder();
  partials = await OpenedFolder.open(folder.path);
  path = join(folder.path, NAME);
});
afterEach(async () => {
  await partials.close();
  await folder.remove();
});

const writePieces = async (file: PartialFile, ...indices: number[]) => {
  for (const index of indices) await file.write(index, pieces[index] as Buffer);
};

/** What a new process finds, which takes over without the old one having closed anything. */
async function found(): Promise<number[]> {
  const file = await PartialFile.open(partials, NAME, manifest);
  const indices = await all(file.verifiedPieces(pool));
  await file.close();
  return indices;
}

async function all(indices: AsyncIterable<number>): Promise<number[]> {
  const found: number[] = [];
  for await (const index of indices) found.push(index);
  return found;
}

/** Damages a piece on the disk, as a power cut or another program might. */
async function damage(index: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.from('damage'), 0, 6, index * PIECE_BYTES);
  await file.close();
}

test('a new file has the size of the document, and no piece', async () => {
  expect(await found()).toEqual([]);
  expect((await stat(path)).size).toBe(bytes.length);
});

test('what was written is there for whoever comes next, in any order, also the short last piece', async () => {
  const file = await PartialFile.open(partials, NAME, manifest);
  await writePieces(file, 4, 1, 3);
  expect(await found()).toEqual([1, 3, 4]);
  await writePieces(file, 0, 2);
  await file.sync();
  await file.close();
  expect(await found()).toEqual([0, 1, 2, 3, 4]);
  expect(bytes.equals(await readFile(path))).toBe(true);
});

test('a piece that was written and not synced is verified; a safe one is believed', async () => {
  const file = await PartialFile.open(partials, NAME, manifest);
  await writePieces(file, 0, 1);
  await file.sync();
  await writePieces(file, 2, 3);
  await damage(1);
  await damage(2);
  expect(await found()).toEqual([0, 1, 3]);
  await file.close();
});

describe('a record without its file, or without its form, is void', () => {
  beforeEach(async () => {
    const file = await PartialFile.open(partials, NAME, manifest);
    await writePieces(file, 0, 1, 2);
    await file.sync();
    await file.close();
  });

  test('when the file was deleted', async () => {
    await rm(path);
    expect(await found()).toEqual([]);
  });

  test('when it is damaged or of another length', async () => {
    const record = await open(`${path}.pieces`, 'r+');
    await record.truncate(7);
    await record.close();
    expect(await found()).toEqual([]);
  });
});

test('when the file was replaced by a copy, as with a new disk, each piece is verified', async () => {
  const file = await PartialFile.open(partials, NAME, manifest);
  await writePieces(file, 0, 1, 2);
  await file.sync();
  await file.close();
  await copyFile(path, `${path}.copy`);
  await rename(`${path}.copy`, path);
  await damage(1);
  expect(await found()).toEqual([0, 2]);
});

test('a piece that an earlier run left is read again, and is missing when it was damaged since', async () => {
  const earlier = await PartialFile.open(partials, NAME, manifest);
  await writePieces(earlier, 0, 1, 2);
  await earlier.sync();
  await earlier.close();
  await damage(1);
  const file = await PartialFile.open(partials, NAME, manifest);
  expect(await all(file.verifiedPieces(pool))).toEqual([0, 1, 2]);
  expect([...file.unread()]).toEqual([0, 1, 2]);
  expect(await Promise.all([...file.unread()].map((index) => file.verify(index, pool)))).toEqual([true, false, true]);
  expect(file.hasUnread()).toBe(false);
  await file.close();
  expect(await found()).toEqual([0, 2]);
});

test('what was written since needs not be read again', async () => {
  const earlier = await PartialFile.open(partials, NAME, manifest);
  await writePieces(earlier, 0);
  await earlier.sync();
  await earlier.close();
  const file = await PartialFile.open(partials, NAME, manifest);
  await all(file.verifiedPieces(pool));
  await writePieces(file, 0, 1);
  expect(file.hasUnread()).toBe(false);
  await file.close();
});

test('it moves with its record within a file system, and not into another one', async () => {
  const file = await PartialFile.open(partials, NAME, manifest);
  await writePieces(file, 2);
  await file.sync();
  await file.close();
  const other = await tempFolder();
  const elsewhere = await OpenedFolder.open(other.path);
  const otherDisk = await OpenedFolder.open('/dev/shm');
  try {
    expect(await movePartialFile(partials, otherDisk, NAME)).toBe(false);
    expect(await movePartialFile(partials, elsewhere, NAME)).toBe(true);
    const moved = await PartialFile.open(elsewhere, NAME, manifest);
    expect(await all(moved.verifiedPieces(pool))).toEqual([2]);
    await moved.close();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  } finally {
    await otherDisk.close();
    await elsewhere.close();
    await other.remove();
  }
});

test('nothing is written through links in the places of the file and its record', async () => {
  const secret = join(folder.path, 'secret.txt');
  await writeFile(secret, 'heron');
  await symlink(secret, path);
  await expect(PartialFile.open(partials, NAME, manifest)).rejects.toMatchObject({ code: 'ELOOP' });
  await rm(path);
  await symlink(secret, `${path}.pieces`);
  const file = await PartialFile.open(partials, NAME, manifest);
  await writePieces(file, 0);
  await file.close();
  expect(await readFile(secret, 'utf8')).toBe('heron');
});

test('a state that nobody writes counts as missing', async () => {
  const record = await PieceRecord.open(partials, 'record', { partialInode: 7n, pieces: 3 });
  await record.set([0], 9 as PieceState);
  await record.set([2], PieceState.Safe);
  expect([0, 1, 2].map((index) => record.state(index))).toEqual([0, 0, PieceState.Safe]);
  await record.close();
});

test('a removed file leaves nothing', async () => {
  await (await PartialFile.open(partials, NAME, manifest)).close();
  await removePartialFile(partials, NAME);
  await expect(stat(path)).rejects.toThrow('ENOENT');
  await expect(stat(`${path}.pieces`)).rejects.toThrow('ENOENT');
});

test('a document that the disk has no room for is refused with the figures', async () => {
  const sizeBytes = 3 * 1024 ** 4;
  const huge = { ...manifest, sizeBytes };
  await expect(PartialFile.open(partials, NAME, huge)).rejects.toThrow(
    /The disk has [\d.]+ GB free; 3298\.\d GB more are needed/,
  );
});
