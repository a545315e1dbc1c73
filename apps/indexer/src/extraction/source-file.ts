import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const READ_BYTES = 1024 * 1024;
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE']);

/** The file is gone, or no longer the one that was found. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

/** A file that is read as it was found, or not at all. */
export class SourceFile {
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #modifiedAtNs: bigint;

  private constructor(handle: FileHandle, sizeBytes: number, modifiedAtNs: bigint) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
    this.#modifiedAtNs = modifiedAtNs;
  }

  /** Opens a regular file of the given size, through no symbolic link; rejects with {@link FileChanged}. */
  static async open(path: string, sizeBytes: number): Promise<SourceFile> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(asChange);
    const found = await handle.stat({ bigint: true });
    if (found.isFile() && found.size === BigInt(sizeBytes)) return new SourceFile(handle, sizeBytes, found.mtimeNs);
    await handle.close();
    throw new FileChanged(path);
  }

  /** For libraries that read by themselves; it is closed with this. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** The first bytes of the file, at most so many. */
  async readStart(maxBytes: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(maxBytes, this.sizeBytes));
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, at, Math.min(READ_BYTES, bytes.length - at), at);
      if (bytesRead === 0) throw new FileChanged('the file became shorter');
      at += bytesRead;
    }
    return bytes;
  }

  /** The bytes of the file in order, for as long as they are asked for. Each buffer is filled anew for the next. */
  async *chunks(): AsyncGenerator<Buffer> {
    const buffer = Buffer.alloc(Math.min(READ_BYTES, this.sizeBytes));
    for (let at = 0; at < this.sizeBytes; ) {
      const { bytesRead } = await this.#handle.read(buffer, 0, Math.min(buffer.length, this.sizeBytes - at), at);
      if (bytesRead === 0) throw new FileChanged('the file became shorter');
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Throws {@link FileChanged} when somebody wrote to the file since it was opened. */
  async expectUnchanged(): Promise<void> {
    const now = await this.#handle.stat({ bigint: true });
    if (now.size !== BigInt(this.sizeBytes) || now.mtimeNs !== this.#modifiedAtNs) throw new FileChanged('written to');
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function asChange(error: unknown): never {
  if (error instanceof Error && 'code' in error && GONE.has(String(error.code))) {
    throw new FileChanged(error.message, { cause: error });
  }
  throw error;
}
