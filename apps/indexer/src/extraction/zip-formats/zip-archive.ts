import { Readable } from 'node:stream';
import { type Entry, RandomAccessReader, type ZipFile, fromRandomAccessReaderPromise } from 'yauzl';
import { UnreadableText } from '../extraction.ts';
import type { SourceFile } from '../child/source-file.ts';

const MIB = 1024 * 1024;
const MAX_FILES = 20_000;
/** A book's largest chapter, by far; what is larger was made to be. */
const MAX_FILE_BYTES = 64 * MIB;

/** The files in a ZIP archive; nothing is unpacked to a disk. */
export class ZipArchive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** The names of files by how they may be spelled elsewhere: {@link looselySpelled}. */
  readonly #spellings = new Map<string, string>();

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
    for (const name of entries.keys()) this.#spellings.set(looselySpelled(name), name);
  }

  /** Reads the list of files; one with an absolute name or `..` in it makes the archive unreadable. */
  static async open(file: SourceFile): Promise<ZipArchive> {
    const entries = new Map<string, Entry>();
    try {
      const reader = new ArchiveReader(file);
      const zip = await fromRandomAccessReaderPromise(reader, file.sizeBytes, { autoClose: false, lazyEntries: true });
      for await (const entry of zip.eachEntry()) {
        if (entries.size === MAX_FILES) throw new Error(`it holds more than ${MAX_FILES} files`);
        entries.set(entry.fileName, entry);
      }
      return new ZipArchive(zip, entries);
    } catch (error) {
      throw unreadable(error);
    }
  }

  /** The names of all files. */
  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The name of the file that a reference means, in whatever case and Unicode form; null when there is none. */
  find(name: string): string | null {
    return this.#entries.has(name) ? name : (this.#spellings.get(looselySpelled(name)) ?? null);
  }

  /** A file's bytes; null when there is none of this name. */
  async read(name: string): Promise<Buffer | null> {
    const entry = this.#entries.get(name);
    if (!entry) return null;
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        bytes += (chunk as Buffer).length; // what the archive says of its sizes may be a lie
        if (bytes > MAX_FILE_BYTES) throw new Error(`${name} has more than ${MAX_FILE_BYTES / MIB} MiB`);
        chunks.push(chunk as Buffer);
      }
      return Buffer.concat(chunks);
    } catch (error) {
      throw unreadable(error);
    }
  }
}

/** Gives yauzl the bytes of an archive. */
class ArchiveReader extends RandomAccessReader {
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(copies(this.#file.chunks(start, end)), { objectMode: false });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let problem: Error | null = null;
    try {
      this.#file.readAt(buffer.subarray(offset, offset + length), position);
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error));
    }
    setImmediate(callback, problem); // a callback at once would nest as deep as the archive has files
  }
}

/** A stream keeps chunks for later, while the file reuses their memory. */
async function* copies(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

const looselySpelled = (name: string): string => name.normalize('NFC').toLowerCase();

const unreadable = (error: unknown): UnreadableText =>
  new UnreadableText(`it can't be unpacked: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
