import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Manifest, PIECE_BYTES, pieceCount, pieceSizeBytes } from '@allibrary/core';
import type { OpenedFile, OpenedFolder } from '@allibrary/library';
import type { BufferPool } from '../wire/buffer-pool.ts';
import { Holdings } from '../wire/holdings.ts';
import { reserve } from './disk-space.ts';
import { PieceRecord, PieceState } from './piece-record.ts';

const SYNC_EVERY_BYTES = 64 * 1_048_576;

/** Whether the bytes are those of the piece that the manifest promises. */
export const isPieceOf = (manifest: Manifest, index: number, bytes: Buffer): boolean =>
  bytes.length === pieceSizeBytes(manifest.sizeBytes, index) &&
  Buffer.compare(hash('sha256', bytes, 'buffer'), manifest.pieceDigest(index)) === 0;

/** Name of a document's partial file in the folder of partial files. */
export const partialName = (documentId: string): string => `${documentId}.part`;

/** Name of the record beside a partial file. */
const recordOf = (name: string): string => `${name}.pieces`;

/** Deletes a partial file and its record. */
export async function removePartialFile(folder: OpenedFolder, name: string): Promise<void> {
  await folder.remove(name); // first: a record without its file is of no use to anybody
  await folder.remove(recordOf(name));
}

/** Moves a partial file and its record; returns false when the other folder is in another file system. */
export async function movePartialFile(from: OpenedFolder, to: OpenedFolder, name: string): Promise<boolean> {
  try {
    await from.rename(name, to, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false;
    throw error;
  }
  await from.rename(recordOf(name), to, recordOf(name)).catch(() => {}); // without it all pieces are fetched again
  return true;
}

/**
 * The file of a document whose pieces are still coming; each lies at its final place in it. Data first, then the record:
 * what the record calls safe was on the disk before.
 */
export class PartialFile {
  /** Pieces that were written since the last sync began. */
  #unsynced: number[] = [];
  /** Pieces that an earlier run left and that this one has not read. */
  readonly #unread: Holdings;
  #syncing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly handle: FileHandle,
    private readonly record: PieceRecord,
    private readonly manifest: Manifest,
  ) {
    this.#unread = new Holdings(pieceCount(manifest.sizeBytes));
  }

  /** Opens the file, or makes it, with the room that it needs; rejects when the disk has none. */
  static async open(folder: OpenedFolder, name: string, manifest: Manifest): Promise<PartialFile> {
    const { handle } = await folder.file(name, constants.O_RDWR | constants.O_CREAT, 0o644);
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw new Error(`${name} is not a file`);
      if (stats.size === 0n) await folder.remove(recordOf(name)); // a new file may have the inode of the one before
      await reserve(handle, manifest.sizeBytes);
      const pieces = pieceCount(manifest.sizeBytes);
      const record = await PieceRecord.open(folder, recordOf(name), { partialInode: stats.ino, pieces });
      return new PartialFile(handle, record, manifest);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * The pieces that an earlier run, however it ended, has left. Those that may not be on the disk are read and verified
   * now; the others are believed until they are verified ({@link unread}).
   */
  async *verifiedPieces(pool: BufferPool): AsyncGenerator<number> {
    for (let index = 0; index < pieceCount(this.manifest.sizeBytes); index++) {
      const state = this.record.state(index);
      if (state === PieceState.Safe) this.#unread.add(index);
      if (state === PieceState.Safe || (state === PieceState.Written && (await this.#isRight(index, pool))))
        yield index;
    }
  }

  /** The pieces that are believed to be right because an earlier run has written them. */
  unread(): Generator<number> {
    return this.#unread.indices();
  }

  /** Whether a piece, or any piece, is believed because an earlier run has written it. */
  hasUnread(index?: number): boolean {
    return index === undefined ? !this.#unread.isEmpty : this.#unread.has(index);
  }

  /** Reads a piece that an earlier run left; one that was damaged since is missing from now on. */
  async verify(index: number, pool: BufferPool): Promise<boolean> {
    const isRight = await this.#isRight(index, pool);
    if (!isRight) await this.forget(index);
    this.#unread.delete(index);
    return isRight;
  }

  /** Records that a piece is damaged: it has to be written again. */
  forget(index: number): Promise<void> {
    return this.record.set([index], PieceState.Missing);
  }

  /** What lies at a piece's place; the caller gives the memory back to the pool. */
  async read(index: number, pool: BufferPool): Promise<Buffer> {
    const bytes = pool.take(pieceSizeBytes(this.manifest.sizeBytes, index));
    const { bytesRead } = await this.handle.read(bytes, 0, bytes.length, index * PIECE_BYTES);
    return bytes.subarray(0, bytesRead);
  }

  /** Writes one verified piece. */
  async write(index: number, bytes: Buffer): Promise<void> {
    const position = index * PIECE_BYTES;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
    this.#unread.delete(index);
    await this.record.set([index], PieceState.Written);
    this.#unsynced.push(index);
    if (this.#unsynced.length * PIECE_BYTES >= SYNC_EVERY_BYTES) this.#startSync();
  }

  /** The opened file, which is the one that was verified, whatever has its name by now. */
  async opened(): Promise<OpenedFile> {
    return { handle: this.handle, stats: await this.handle.stat() };
  }

  /** Resolves when all that was written is on the disk itself. */
  async sync(): Promise<void> {
    this.#startSync();
    await this.#syncing;
  }

  async close(): Promise<void> {
    await this.#syncing.catch(() => {}); // sync() rejects
    await Promise.all([this.handle.close(), this.record.close()]);
  }

  /** One after the other, without holding up who writes; one that failed fails all that follow. */
  #startSync(): void {
    const pieces = this.#unsynced;
    this.#unsynced = [];
    this.#syncing = this.#syncing.then(async () => {
      await this.handle.datasync();
      await this.record.set(pieces, PieceState.Safe);
    });
    this.#syncing.catch(() => {}); // sync() rejects
  }

  async #isRight(index: number, pool: BufferPool): Promise<boolean> {
    const bytes = await this.read(index, pool).catch(nothingReadable);
    const isRight = isPieceOf(this.manifest, index, bytes);
    pool.give(bytes);
    return isRight;
  }
}

/** Bytes that the disk can't read are as good as wrong ones: writing them again may help. */
function nothingReadable(error: unknown): Buffer {
  if ((error as NodeJS.ErrnoException).code === 'EIO') return Buffer.alloc(0);
  throw error;
}
