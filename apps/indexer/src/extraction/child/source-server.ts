import type { FileHandle } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { RANGE_BYTES, REPLY_HEADER_BYTES, REQUEST_BYTES, type RangeRequest, decodeRequest } from './source-protocol.ts';

/** The request being answered, and one that arrived before this process saw that the reply was written. */
const MOST_OPEN = 2;

/** A file whose bytes a child may read. */
export interface ServedFile {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
}

/**
 * Serves a child the bytes of the files that it is asked for, and no others. A child has read a stranger's file: one
 * that asks for anything else is ended.
 */
export class SourceServer {
  readonly #socket: Duplex;
  readonly #reply = Buffer.alloc(REPLY_HEADER_BYTES + RANGE_BYTES);
  #files: readonly (ServedFile | null)[] = [];
  #replying: Promise<void> = Promise.resolve();
  #open = 0;

  constructor(socket: Duplex, onViolation: () => void) {
    this.#socket = socket;
    socket.on('error', () => {}); // the child has ended, which its process reports
    socket.on('data', (frame: Buffer) => {
      this.#take(frame).catch(onViolation);
    });
  }

  /** Serves these files from now on, by their numbers; none when there is nothing to read. */
  serve(files: readonly (ServedFile | null)[]): void {
    this.#files = files;
  }

  /** A child waits for each reply; it may have received one before this process learns that it was written. */
  async #take(frame: Buffer): Promise<void> {
    if (this.#open >= MOST_OPEN || frame.length !== REQUEST_BYTES) throw new Error('not a request');
    this.#open += 1;
    const request = decodeRequest(frame);
    const file = this.#files[request.source];
    this.#replying = this.#replying.then(() => this.#answer(file, request));
    await this.#replying;
    this.#open -= 1;
  }

  async #answer(file: ServedFile | null | undefined, request: RangeRequest): Promise<void> {
    if (!file || !isRangeOf(file, request)) throw new Error('not a range of a file that is to be read');
    const reply = await this.#read(file, request);
    await new Promise((resolve) => this.#socket.write(reply, resolve)); // the next reply uses the same memory
  }

  async #read({ handle }: ServedFile, { offset, length }: RangeRequest): Promise<Buffer> {
    let done = 0;
    for (let read = 1; done < length && read > 0; done += read) {
      ({ bytesRead: read } = await handle.read(this.#reply, REPLY_HEADER_BYTES + done, length - done, offset + done));
    }
    const served = done === length ? length : 0;
    this.#reply.writeUInt32BE(served, 0);
    return this.#reply.subarray(0, REPLY_HEADER_BYTES + served);
  }
}

const isRangeOf = ({ sizeBytes }: ServedFile, { offset, length }: RangeRequest): boolean =>
  length > 0 && length <= RANGE_BYTES && offset + length <= sizeBytes;
