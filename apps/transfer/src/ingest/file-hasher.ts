import { DIGEST_BYTES, pieceCount } from '@allibrary/core';
import PQueue from 'p-queue';
import { HashThread } from './hash-thread.ts';
import { FileChanged, type FileVersion, type Span } from './span-hasher.ts';

/** So many pieces are asked of a thread at once: a disk that turns then still reads almost in order. */
const SPAN_PIECES = 8;
/** A thread that has an answer ready goes on with the next span without waiting for this one. */
const SPANS_PER_THREAD = 2;
const IDLE_LIMIT_MS = 30_000;

/** The digests of a file's pieces, one after the other, and what the file was while it was read. */
export interface FileDigests extends FileVersion {
  readonly digests: Uint8Array;
}

/** Hashes files on threads that exist only while there is work: small files side by side, a large one on all threads. */
export class FileHasher {
  readonly #threads = new Set<HashThread>();
  readonly #queue: PQueue;
  #retirement: NodeJS.Timeout | undefined;

  constructor(private readonly maxThreads: number) {
    this.#queue = new PQueue({ concurrency: maxThreads * SPANS_PER_THREAD });
    this.#queue.on('idle', () => this.#retireWhenIdle());
  }

  /**
   * Reads an opened file once and returns its pieces' digests; rejects with {@link FileChanged} when it was written to.
   * No thread uses the descriptor once this has settled, so it can be closed.
   */
  async hash(descriptor: number, sizeBytes: number): Promise<FileDigests> {
    const digests = new Uint8Array(pieceCount(sizeBytes) * DIGEST_BYTES);
    const spans = spansOf(descriptor, sizeBytes);
    let version: FileVersion | undefined;
    const hashRest = async (): Promise<void> => {
      for (const span of spans) {
        const { digests: some, ...seen } = await this.#queue.add(() => this.#freest().hash(span));
        version ??= seen;
        if (!isSameVersion(version, seen)) throw new FileChanged();
        digests.set(some, span.firstPiece * DIGEST_BYTES);
      }
    };
    // A loop that fails ends the spans for all of them.
    const ends = await Promise.allSettled(Array.from({ length: this.#queue.concurrency }, hashRest));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (!version) throw new Error('a file has at least one piece');
    return { ...version, digests };
  }

  /** Ends all threads; what they had in hand is rejected. */
  async close(): Promise<void> {
    clearTimeout(this.#retirement);
    this.#queue.clear();
    await this.#endThreads();
  }

  #freest(): HashThread {
    clearTimeout(this.#retirement);
    const [freest] = [...this.#threads].toSorted((a, b) => a.load - b.load);
    if (freest && (freest.load === 0 || this.#threads.size >= this.maxThreads)) return freest;
    const thread = new HashThread((dead) => this.#threads.delete(dead));
    this.#threads.add(thread);
    return thread;
  }

  #retireWhenIdle(): void {
    clearTimeout(this.#retirement);
    this.#retirement = setTimeout(() => {
      this.#endThreads().catch(() => {}); // they end either way
    }, IDLE_LIMIT_MS).unref();
  }

  async #endThreads(): Promise<void> {
    const threads = [...this.#threads];
    this.#threads.clear();
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

function* spansOf(descriptor: number, sizeBytes: number): Generator<Span> {
  const count = pieceCount(sizeBytes);
  for (let firstPiece = 0; firstPiece < count; firstPiece += SPAN_PIECES)
    yield { descriptor, sizeBytes, firstPiece, pieces: Math.min(SPAN_PIECES, count - firstPiece) };
}

/** A write between two spans leaves the later one with another time of change. */
const isSameVersion = (a: FileVersion, b: FileVersion): boolean =>
  a.modifiedAtMs === b.modifiedAtMs && a.changedAtMs === b.changedAtMs && a.inode === b.inode && a.device === b.device;
