import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PIECE_BYTES } from '@allibrary/core';

const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * A file that is read from the disk and not from the page cache, which would hide damage, and which other readers
 * need more. Where the file system can't do that, it is read in the ordinary way.
 */
export class DirectFile {
  /** Direct reads need memory that begins on a page, as V8's does when it can be resized. */
  readonly #memory = Buffer.from(new ArrayBuffer(PIECE_BYTES, { maxByteLength: PIECE_BYTES }));

  private constructor(
    private handle: FileHandle,
    private readonly path: string,
    private isDirect: boolean,
  ) {}

  static async open(path: string): Promise<DirectFile> {
    try {
      return new DirectFile(await open(path, READ_ONLY | (constants.O_DIRECT ?? 0)), path, true);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      return new DirectFile(await open(path, READ_ONLY), path, false);
    }
  }

  stat() {
    return this.handle.stat();
  }

  /** The piece's bytes, in memory that the next call uses anew; shorter when the file is. */
  async piece(index: number): Promise<Buffer> {
    try {
      const { bytesRead } = await this.handle.read(this.#memory, 0, PIECE_BYTES, index * PIECE_BYTES);
      return this.#memory.subarray(0, bytesRead);
    } catch (error) {
      if (!this.isDirect || !isUnsupported(error)) throw error;
      await this.handle.close();
      this.handle = await open(this.path, READ_ONLY);
      this.isDirect = false;
      return this.piece(index);
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

const isUnsupported = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EINVAL';
