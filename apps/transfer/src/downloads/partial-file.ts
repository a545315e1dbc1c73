import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Manifest, PIECE_BYTES, pieceCount, pieceDigest, pieceSizeBytes } from '@allibrary/core';
import type { BufferPool } from '../pieces/buffer-pool.ts';

const SYNC_EVERY_BYTES = 64 * 1_048_576;

/** Whether the bytes are those of the piece that the manifest promises. */
export const isPieceOf = (manifest: Manifest, index: number, bytes: Buffer): boolean =>
  bytes.length === pieceSizeBytes(manifest.sizeBytes, index) &&
  Buffer.compare(hash('sha256', bytes, 'buffer'), pieceDigest(manifest, index)) === 0;

/** The file of a document whose pieces are still coming; each lies at its final place in it. */
export class PartialFile {
  #unsyncedBytes = 0;

  private constructor(
    private readonly handle: FileHandle,
    private readonly manifest: Manifest,
    private readonly isNew: boolean,
  ) {}

  /** Opens the file, or makes it, with the size that it will have. */
  static async open(path: string, manifest: Manifest): Promise<PartialFile> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
    const { size } = await handle.stat();
    await handle.truncate(manifest.sizeBytes);
    return new PartialFile(handle, manifest, size === 0);
  }

  /** The pieces that are on disk and right: what an earlier run, however it ended, has left. */
  async *verifiedPieces(pool: BufferPool): AsyncGenerator<number> {
    if (this.isNew && this.manifest.sizeBytes > 0) return; // nothing but holes, and reading them is not free
    for (let index = 0; index < pieceCount(this.manifest.sizeBytes); index++) {
      const bytes = await this.read(index, pool);
      if (isPieceOf(this.manifest, index, bytes)) yield index;
      pool.give(bytes);
    }
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
    this.#unsyncedBytes += bytes.length;
    if (this.#unsyncedBytes >= SYNC_EVERY_BYTES) this.#startSync();
  }

  /** Lets the disk begin with what is written, so that the end need not wait for all of it. */
  #startSync(): void {
    this.#unsyncedBytes = 0;
    this.handle.datasync().catch(() => {}); // sync() at the end tells
  }

  /** Resolves when all that was written is on the disk itself. */
  sync(): Promise<void> {
    return this.handle.sync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
