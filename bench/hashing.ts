import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileHasher } from '../apps/transfer/dist/hashing/file-hasher.js';
import { writeLargeFile } from '../test/support/documents.ts';
import { median, timed } from './measure.ts';

const MIB = 1_048_576;

/**
 * How fast a file becomes a document (pieces' hashes and SHA-256 of the whole, one read) beside a bare SHA-256 of
 * `node:crypto` on one thread: the two in turn on the same file, which is in the page cache.
 */
export async function benchHashing(
  folder: string,
  { sizeMiB, rounds }: { sizeMiB: number; rounds: number },
): Promise<string[]> {
  const file = join(folder, 'hashing.bin');
  await writeLargeFile(file, sizeMiB * MIB);
  const hasher = new FileHasher(2);
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const a = await timed(() => hasher.hash(file, statSync(file).size));
      const b = await timed(() => bareSha256(file));
      if (a.result.sha256 !== b.result) throw new Error('the two hashes differ');
      if (round === 0) continue; // the first one warms up
      ours.push(sizeMiB / a.seconds);
      bare.push(sizeMiB / b.seconds);
    }
  } finally {
    await hasher.close();
  }
  const ratio = median(ours.map((speed, index) => speed / (bare[index] ?? Number.NaN)));
  return [
    `| hashing ${sizeMiB} MiB: document id and SHA-256, MiB/s | ${median(ours).toFixed(0)} |`,
    `| bare \`node:crypto\` sha256, MiB/s | ${median(bare).toFixed(0)} |`,
    `| ratio, median of ${rounds} pairs (goal 0.85) | ${ratio.toFixed(2)} |`,
  ];
}

function bareSha256(file: string): string {
  const sha256 = createHash('sha256');
  const part = Buffer.allocUnsafe(MIB);
  const descriptor = openSync(file, 'r');
  for (let read = readSync(descriptor, part); read > 0; read = readSync(descriptor, part))
    sha256.update(part.subarray(0, read));
  closeSync(descriptor);
  return sha256.digest('hex');
}
