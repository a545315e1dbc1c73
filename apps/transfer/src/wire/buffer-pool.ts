import { PIECE_BYTES } from '@allibrary/core';

const MOST_IDLE = 16;

/** Reuses the memory of pieces: a fresh mebibyte for each would keep the garbage collector busy. */
export class BufferPool {
  readonly #idle: Buffer[] = [];

  /** Memory of the given size, at most one piece; its content is anything. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < PIECE_BYTES / 4) return Buffer.allocUnsafe(sizeBytes);
    return (this.#idle.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)).subarray(0, sizeBytes);
  }

  /** Takes memory back; nobody may hold on to it any more. */
  give(buffer: Buffer): void {
    if (buffer.buffer.byteLength !== PIECE_BYTES || this.#idle.length >= MOST_IDLE) return;
    this.#idle.push(Buffer.from(buffer.buffer));
  }
}
