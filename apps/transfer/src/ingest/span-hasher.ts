import { hash } from 'node:crypto';
import { type Stats, fstatSync, readSync } from 'node:fs';
import { DIGEST_BYTES, PIECE_BYTES } from '@allibrary/core';

/** Consecutive pieces of a file. A file that is no longer as it was seen is not hashed. */
export interface Span {
  /** Descriptor of the opened file, which stays open until the span is hashed. */
  readonly descriptor: number;
  /** The size of the whole file. */
  readonly sizeBytes: number;
  readonly firstPiece: number;
  readonly pieces: number;
}

/** What the file was while its pieces were read. */
export interface FileVersion {
  readonly modifiedAtMs: number;
  readonly changedAtMs: number;
  readonly inode: number;
  readonly device: number;
}

/** The digests of a span's pieces. */
export interface SpanDigests extends FileVersion {
  readonly digests: Uint8Array;
}

/** Code of {@link FileChanged}; errors from another thread keep only what their answer names. */
export const FILE_CHANGED = 'FILE_CHANGED';

/** A file could not be hashed because it changed meanwhile; the watcher reports it again when writes to it have ended. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
  readonly code = FILE_CHANGED;

  constructor() {
    super('the file changed while it was read');
  }
}

/** One for each thread: new memory for each file would have to be mapped page by page. */
const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);

/** Reads a span of a file once, from its beginning to its end, and hashes each piece on the way. */
export function hashSpan({ descriptor, sizeBytes, firstPiece, pieces }: Span): SpanDigests {
  const before = fstatSync(descriptor);
  if (!before.isFile()) throw new Error('it is not a regular file');
  if (before.size !== sizeBytes) throw new FileChanged();
  const digests = new Uint8Array(pieces * DIGEST_BYTES);
  for (let index = 0; index < pieces; index++) {
    const bytes = readPiece(descriptor, (firstPiece + index) * PIECE_BYTES, sizeBytes);
    digests.set(hash('sha256', bytes, 'buffer'), index * DIGEST_BYTES);
  }
  if (isChanged(before, fstatSync(descriptor))) throw new FileChanged();
  const { mtimeMs: modifiedAtMs, ctimeMs: changedAtMs, ino: inode, dev: device } = before;
  return { digests, modifiedAtMs, changedAtMs, inode, device };
}

function readPiece(descriptor: number, position: number, fileBytes: number): Buffer {
  const wanted = Math.min(PIECE_BYTES, fileBytes - position);
  for (let done = 0; done < wanted; ) {
    const read = readSync(descriptor, buffer, done, wanted - done, position + done);
    if (read === 0) throw new FileChanged();
    done += read;
  }
  return buffer.subarray(0, wanted);
}

const isChanged = (a: Stats, b: Stats): boolean =>
  a.size !== b.size || a.mtimeMs !== b.mtimeMs || a.ctimeMs !== b.ctimeMs;
