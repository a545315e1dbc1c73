import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PIECE_BYTES } from '@allibrary/core';
import type { HashAnswer, HashWorkerData } from './hash-worker.ts';
import { CHANGED, type HashJob, type PieceDigests } from './piece-hasher.ts';
import { PieceRing, ringMemory } from './piece-ring.ts';

/** A file could not be hashed because it changed meanwhile; it will be seen again when it has settled. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

/** The digests of a file: of each piece, and of the whole. */
export interface FileDigests extends PieceDigests {
  readonly sha256: string;
}

// Built or not, the thread runs the same kind of file as this one.
const WORKER_FILE = new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url);

/** Two threads that share the work on one file: one reads it and hashes its pieces, the other hashes it as a whole. */
export class HashLane {
  readonly #memory = ringMemory();
  readonly #ring = new PieceRing(this.#memory);
  readonly #pieces = this.#thread('pieces');
  #whole: Worker | undefined;

  /** Hashes one file; one at a time. */
  async hash(file: string, sizeBytes: number): Promise<FileDigests> {
    // The hash of a single piece is that of the file: only more of them need the second thread.
    const throughRing = sizeBytes > PIECE_BYTES;
    this.#ring.reset();
    const job: HashJob = { file, sizeBytes, throughRing };
    const whole = throughRing ? ask<string>((this.#whole ??= this.#thread('whole')), job) : undefined;
    const [pieces, sha256] = await Promise.all([ask<PieceDigests>(this.#pieces, job), whole]);
    return { ...pieces, sha256: sha256 ?? Buffer.from(pieces.digests).toString('hex') };
  }

  /** Ends both threads, also in the middle of a file. */
  async close(): Promise<void> {
    await Promise.all([this.#pieces.terminate(), this.#whole?.terminate()]);
  }

  #thread(role: HashWorkerData['role']): Worker {
    const workerData: HashWorkerData = { role, memory: this.#memory };
    const worker = new Worker(WORKER_FILE, {
      name: `hash-${role}`,
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
    });
    worker.unref();
    return worker;
  }
}

function ask<T>(worker: Worker, job: HashJob): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onMessage = (answer: HashAnswer<T>) => ('result' in answer ? resolve(answer.result) : reject(errorOf(answer)));
  const onExit = () => reject(new Error('the hashing thread ended'));
  worker.ref();
  worker.once('message', onMessage).once('error', reject).once('exit', onExit);
  worker.postMessage(job);
  return promise.finally(() => {
    worker.unref();
    worker.off('message', onMessage).off('error', reject).off('exit', onExit);
  });
}

function errorOf({ error }: { error: { message: string; code: string | undefined } }): Error {
  if (error.message === CHANGED) return new FileChanged(CHANGED);
  return Object.assign(new Error(error.message), error.code ? { code: error.code } : {});
}
