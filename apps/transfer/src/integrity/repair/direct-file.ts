import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PIECE_BYTES } from '@allibrary/core';
import { type OpenedFile, pathOfDescriptor } from '@allibrary/library';

/**
 * File that is read from the disk and not from the page cache, which would hide damage and which other readers
 * need more. Where the file system cannot do that, it is read in the ordinary way.
 */
export class DirectFile {
  /** Direct reads need memory that begins on a page, as V8's does when it can be resized. */
  readonly #memory = Buffer.from(new ArrayBuffer(PIECE_BYTES, { maxByteLength: PIECE_BYTES }));

  private constructor(
    private readonly file: OpenedFile,
    /** The same file, opened for direct reading; undefined where that is not supported. */
    private direct: FileHandle | undefined,
  ) {}

  /** Takes over an opened file, which is closed with this. */
  static async open(file: OpenedFile): Promise<DirectFile> {
    try {
      const path = pathOfDescriptor(file.handle.fd); // leads to the opened file, whatever became of its name
      return new DirectFile(file, await open(path, constants.O_RDONLY | (constants.O_DIRECT ?? 0)));
    } catch (error) {
      if (isUnsupported(error)) return new DirectFile(file, undefined);
      await file.handle.close();
      throw error;
    }
  }

  stat() {
    return this.file.handle.stat();
  }

  /** The piece's bytes, in memory that the next call reuses; shorter when the file is. */
  async piece(index: number): Promise<Buffer> {
    try {
      const handle = this.direct ?? this.file.handle;
      const { bytesRead } = await handle.read(this.#memory, 0, PIECE_BYTES, index * PIECE_BYTES);
      return this.#memory.subarray(0, bytesRead);
    } catch (error) {
      if (!this.direct || !isUnsupported(error)) throw error;
      await this.direct.close();
      this.direct = undefined;
      return this.piece(index);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.direct?.close(), this.file.handle.close()]);
  }
}

const isUnsupported = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EINVAL';
