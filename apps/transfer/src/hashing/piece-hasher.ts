import { hash } from 'node:crypto';
import { type Stats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { DIGEST_BYTES, PIECE_BYTES, pieceCount, pieceSizeBytes } from '@allibrary/core';
import type { PieceRing } from './piece-ring.ts';

/** What to hash; a file that is no longer as it was seen is not hashed. */
export interface HashJob {
  readonly file: string;
  readonly sizeBytes: number;
  /** Whether the pieces go on to the thread that hashes the file as a whole. */
  readonly throughRing: boolean;
}

/** The digests of a file's pieces, and what the file was while they were taken. */
export interface PieceDigests {
  readonly digests: Uint8Array;
  readonly modifiedAtMs: number;
  readonly inode: number;
  readonly device: number;
}

/** The message of the error that says that a file is no longer as it was seen. */
export const CHANGED = 'the file changed while it was read';

/** Reads a file once, from its beginning to its end, and hashes each piece on the way. */
export function hashPieces({ file, sizeBytes, throughRing }: HashJob, ring: PieceRing): PieceDigests {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const before = fstatSync(descriptor);
    if (!before.isFile()) throw new Error('it is not a regular file');
    if (before.size !== sizeBytes) throw new Error(CHANGED);
    const digests = readPieces(descriptor, sizeBytes, throughRing ? ring : undefined);
    if (isChanged(before, fstatSync(descriptor))) throw new Error(CHANGED);
    return { digests, modifiedAtMs: before.mtimeMs, inode: before.ino, device: before.dev };
  } finally {
    closeSync(descriptor);
  }
}

function readPieces(descriptor: number, sizeBytes: number, ring: PieceRing | undefined): Uint8Array {
  const count = pieceCount(sizeBytes);
  const digests = new Uint8Array(count * DIGEST_BYTES);
  const own = ring ? undefined : Buffer.allocUnsafe(Math.min(sizeBytes, PIECE_BYTES));
  for (let index = 0; index < count; index++) {
    const wanted = pieceSizeBytes(sizeBytes, index);
    const slot = own ?? (ring as PieceRing).nextSlot();
    readFully(descriptor, slot, wanted, index * PIECE_BYTES);
    ring?.fill(wanted);
    digests.set(hash('sha256', slot.subarray(0, wanted), 'buffer'), index * DIGEST_BYTES);
  }
  return digests;
}

function readFully(descriptor: number, into: Buffer, sizeBytes: number, position: number): void {
  for (let done = 0; done < sizeBytes; ) {
    const read = readSync(descriptor, into, done, sizeBytes - done, position + done);
    if (read === 0) throw new Error(CHANGED);
    done += read;
  }
}

const isChanged = (a: Stats, b: Stats): boolean =>
  a.size !== b.size || a.mtimeMs !== b.mtimeMs || a.ctimeMs !== b.ctimeMs;
