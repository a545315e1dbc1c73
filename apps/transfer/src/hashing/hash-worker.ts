/** The body of a hashing thread: one of the two roles of a {@link HashLane}, for one file after the other. */
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { type HashJob, hashPieces } from './piece-hasher.ts';
import { PieceRing, type RingMemory } from './piece-ring.ts';

/** What a thread is made for. */
export interface HashWorkerData {
  readonly role: 'pieces' | 'whole';
  readonly memory: RingMemory;
}

/** What a thread answers for one file. */
export type HashAnswer<T> = { readonly result: T } | { readonly error: { message: string; code: string | undefined } };

const { role, memory } = workerData as HashWorkerData;
const ring = new PieceRing(memory);

function pieces(job: HashJob) {
  try {
    return hashPieces(job, ring);
  } finally {
    ring.end(); // whatever happened, the other thread must not wait for more
  }
}

function whole(): string {
  const sha256 = createHash('sha256');
  for (const piece of ring.pieces()) sha256.update(piece);
  return sha256.digest('hex');
}

parentPort?.on('message', (job: HashJob) => {
  try {
    parentPort?.postMessage({ result: role === 'pieces' ? pieces(job) : whole() });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    parentPort?.postMessage({ error: { message, code } });
  }
});
