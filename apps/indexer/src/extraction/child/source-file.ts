import { readSync, writeSync } from 'node:fs';
import { RANGE_BYTES, REPLY_HEADER_BYTES, SOURCE_DESCRIPTOR, encodeRequest } from './source-protocol.ts';

/** Small reads are served from a range of this size: the start is read by several, a ZIP's list in pieces of 50 bytes. */
const READ_AHEAD_BYTES = 64 * 1024;

/** The file is gone, or no longer the one that was found. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

/** A file that the parent has opened. This process opens none itself and cannot: it asks for ranges of bytes. */
export class SourceFile {
  readonly sizeBytes: number;
  readonly #source: number;
  readonly #ahead = Buffer.alloc(READ_AHEAD_BYTES);
  #isClosed = false;
  #aheadAt = 0;
  #aheadBytes = 0;

  /** @param source its number among the files of the question */
  constructor(source: number, sizeBytes: number) {
    this.#source = source;
    this.sizeBytes = sizeBytes;
  }

  /** The first bytes of the file, at most so many. */
  async readStart(maxBytes: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(maxBytes, this.sizeBytes));
    this.readAt(bytes, 0);
    return bytes;
  }

  /** Bytes of the file in order, to its end or the given position. Each buffer is reused for the next. */
  async *chunks(from = 0, to = this.sizeBytes): AsyncGenerator<Buffer> {
    const buffer = Buffer.alloc(Math.min(RANGE_BYTES, Math.max(0, to - from)));
    this.#checkRange(from, to - from);
    for (let at = from; at < to; at += buffer.length) {
      const chunk = buffer.subarray(0, Math.min(buffer.length, to - at));
      this.#fill(chunk, at);
      yield chunk;
    }
  }

  /** Ends reading: a stream that was abandoned must not read from the next document. */
  close(): void {
    this.#isClosed = true;
  }

  /** Fills the buffer from a position on; throws for one beyond the end, which a damaged archive may name. */
  readAt(into: Buffer, position: number): void {
    this.#checkRange(position, into.length);
    if (into.length > READ_AHEAD_BYTES) return this.#fill(into, position);
    const isAhead = position >= this.#aheadAt && position + into.length <= this.#aheadAt + this.#aheadBytes;
    if (!isAhead) this.#readAhead(position);
    if (position + into.length > this.#aheadAt + this.#aheadBytes) throw new FileChanged('the file became shorter');
    this.#ahead.copy(into, 0, position - this.#aheadAt);
  }

  /** The parent ends a process that asks for more than there is. */
  #checkRange(position: number, length: number): void {
    if (position < 0 || position + length > this.sizeBytes) throw new Error('it refers to bytes beyond its end');
  }

  #readAhead(position: number): void {
    this.#aheadBytes = 0;
    const bytes = Math.max(0, Math.min(READ_AHEAD_BYTES, this.sizeBytes - position));
    this.#fill(this.#ahead.subarray(0, bytes), position);
    this.#aheadAt = position;
    this.#aheadBytes = bytes;
  }

  #fill(into: Buffer, position: number): void {
    if (this.#isClosed) throw new FileChanged('it is not read any more');
    for (let done = 0; done < into.length; done += RANGE_BYTES) {
      const range = into.subarray(done, done + RANGE_BYTES);
      writeSync(
        SOURCE_DESCRIPTOR,
        encodeRequest({ source: this.#source, offset: position + done, length: range.length }),
      );
      const header = Buffer.alloc(REPLY_HEADER_BYTES);
      receive(header);
      if (header.readUInt32BE(0) !== range.length) throw new FileChanged('the file became shorter');
      receive(range);
    }
  }
}

/** Reads from the parent until the buffer is full. The descriptor blocks; when the parent is gone, so is the work. */
function receive(into: Buffer): void {
  for (let done = 0; done < into.length; ) {
    const bytes = readSync(SOURCE_DESCRIPTOR, into, done, into.length - done, null);
    if (bytes === 0) process.exit();
    done += bytes;
  }
}
