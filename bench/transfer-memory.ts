/**
 * `node tools/boot.mjs bench/transfer-memory.ts [GiB of the large document]`: how much memory transfer takes at most while
 * it serves and fetches one document of 1 GiB, one of 16 GiB, and 500 that are asked for at once. Two whole nodes on
 * loopback; the served files are sparse, the fetched ones are really written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@allibrary/testing';
import { build } from '../tools/build.ts';
import { Seedbox } from '../test/support/seedbox.ts';
import { timed } from './measure.ts';

const MIB = 1_048_576;
const LIMIT_MS = 1_200_000;
const largeGiB = Number(process.argv[2] ?? 16);
const ROWS = [
  { documents: 1, mebibytesEach: 1_024 },
  { documents: 1, mebibytesEach: largeGiB * 1_024 },
  { documents: 500, mebibytesEach: 2 },
];

await build();
const server = await Seedbox.start();
const client = await Seedbox.start({ bootstrap: [await server.address()] });
try {
  await client.meets(1);
  console.log('| documents | MiB each | seconds | client: most resident, MiB | server: most resident, MiB |');
  console.log('| --- | --- | --- | --- | --- |');
  let shared = 0;
  for (const row of ROWS) {
    shared += row.documents;
    await measure(row, shared);
  }
} finally {
  await Promise.all([client.stop(), server.stop()]);
}

/** Serves, fetches and measures some documents; so many are shared by the server then, and by the client at the end. */
async function measure({ documents, mebibytesEach }: (typeof ROWS)[number], shared: number): Promise<void> {
  const prefix = `${documents} of ${mebibytesEach} MiB`;
  for (let number = 0; number < documents; number++) {
    await writeSparseFile(join(server.library, `${prefix}, ${number}.bin`), mebibytesEach, number);
  }
  await eventually(async () => (await count(server)) === shared, { timeoutMs: LIMIT_MS });
  const documentIds: string[] = [];
  for await (const { name, documentId } of server.allDocuments())
    if (name.startsWith(prefix)) documentIds.push(documentId);
  const pids = [await transferOf(client), await transferOf(server)];
  for (const pid of pids) forgetPeak(pid);
  const { seconds } = await timed(async () => {
    await client.call('POST', 'downloads', { documentIds });
    await eventually(async () => (await count(client)) === shared, { timeoutMs: LIMIT_MS });
  });
  const [ours, theirs] = pids.map((pid) => peakMiB(pid).toFixed(0));
  console.log(`| ${documents} | ${mebibytesEach} | ${seconds.toFixed(0)} | ${ours} | ${theirs} |`);
}

/** A file whose pieces are those of no other, with holes between. */
async function writeSparseFile(path: string, mebibytes: number, number: number): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(mebibytes * MIB);
  for (let index = 0; index < mebibytes; index++) {
    await file.write(`${number}: piece ${index} of ${mebibytes}`, index * MIB);
  }
  await file.close();
}

async function count(seedbox: Seedbox): Promise<number> {
  return (await seedbox.call<{ total: number }>('GET', 'documents?limit=1')).total;
}

async function transferOf(seedbox: Seedbox): Promise<number> {
  const { pid } = (await seedbox.state()).programs['transfer'] ?? {};
  if (!pid) throw new Error('transfer does not run');
  return pid;
}

/** Lets the kernel begin anew to note the most memory of a process (proc(5), /proc/pid/clear_refs). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most memory that a process had resident since then. */
function peakMiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}
