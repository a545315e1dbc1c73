import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HashAnswer } from './hash-worker.ts';
import { FILE_CHANGED, FileChanged, type Span, type SpanDigests } from './span-hasher.ts';

// Built or not, the thread runs the same kind of file as this one.
const WORKER_FILE = new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url);

/** A thread that hashes spans of files; it may be asked for the next one while it is at work. */
export class HashThread {
  readonly #worker = new Worker(WORKER_FILE, {
    name: 'hash',
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  });
  readonly #asked: PromiseWithResolvers<SpanDigests>[] = [];

  constructor(onDeath: (thread: HashThread) => void) {
    this.#worker.unref();
    this.#worker.on('message', (answer: HashAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => {
      onDeath(this);
      this.#fail(new Error('a hashing thread ended'));
    });
  }

  /** How many spans it has been asked for and not answered. */
  get load(): number {
    return this.#asked.length;
  }

  /** Hashes a span; rejects with {@link FileChanged} when the file did not hold still. */
  hash(span: Span): Promise<SpanDigests> {
    const asked = Promise.withResolvers<SpanDigests>();
    this.#asked.push(asked);
    this.#worker.ref(); // the process must not end while somebody waits
    this.#worker.postMessage(span);
    return asked.promise;
  }

  /** Ends the thread, also in the middle of a file. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(answer: HashAnswer): void {
    const asked = this.#asked.shift();
    if (this.#asked.length === 0) this.#worker.unref();
    if ('result' in answer) asked?.resolve(answer.result);
    else asked?.reject(errorOf(answer.error));
  }

  #fail(error: unknown): void {
    for (const asked of this.#asked.splice(0)) asked.reject(error);
  }
}

function errorOf({ message, code }: { message: string; code: string | undefined }): Error {
  if (code === FILE_CHANGED) return new FileChanged();
  return Object.assign(new Error(message), code ? { code } : {});
}
