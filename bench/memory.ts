/**
 * `node tools/boot.mjs bench/memory.ts [DOCUMENTS] [CHECKOUT...]`: the memory of each program of a quiet node that has indexed
 * documents, and after a restart. Other checkouts, such as one of an earlier version, are then started on the same documents.
 * Other programs of the same Node make the shared part look smaller: run it with a copy of Node.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tempFolder } from '@allibrary/testing';
import { build } from '../tools/build.ts';
import { Seedbox, type SeedboxOptions } from '../test/support/seedbox.ts';
import { commandOf, memory, processTree } from './measure.ts';
import { corpusOf } from './search/corpus.ts';

const QUIET_MS = 60_000;
const LIMIT_MS = 3_600_000;
const ASK_EVERY_MS = 5_000;
const FILES_PER_FOLDER = 1_000;

const [count = 50_000, ...checkouts] = process.argv.slice(2);
const documents = Number(count);
const folder = await tempFolder();
await build();
try {
  await measure('indexed', { fill });
  await measure('restarted');
  for (const checkout of checkouts) await measure(checkout, { checkout });
} finally {
  await folder.remove();
}

/** Runs a node on the folder until it is quiet, and prints what each of its processes takes. */
async function measure(title: string, how: SeedboxOptions = {}): Promise<void> {
  const seedbox = await Seedbox.start({ folder: { path: folder.path, remove: async () => {} }, ...how });
  try {
    await untilIndexed(seedbox);
    await delay(QUIET_MS);
    const { pid, programs } = await seedbox.state();
    const names = new Map([
      [pid, 'supervisor'],
      ...Object.entries(programs).map(([name, program]) => [program.pid, name] as const),
    ]);
    const rows = processTree(pid).map((each) => ({ name: names.get(each) ?? commandOf(each), ...memory(each) }));
    console.log(tableOf(title, rows));
  } finally {
    await seedbox.stop();
  }
}

/** Writes texts of 300 words. */
async function fill(library: string): Promise<void> {
  let number = 0;
  for (const { name, text } of corpusOf({ documents, books: 0 })) {
    const folder = join(library, `folder-${Math.floor(number / FILES_PER_FOLDER)}`);
    if (number++ % FILES_PER_FOLDER === 0) mkdirSync(folder);
    writeFileSync(join(folder, name), text);
  }
}

/** Asks seldom, so that asking is not what is measured. */
async function untilIndexed(seedbox: Seedbox): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while ((await seedbox.call<{ indexedDocuments: number | null }>('GET', 'status')).indexedDocuments !== documents) {
    if (performance.now() > deadline) throw new Error('the documents were not indexed within the limit');
    await delay(ASK_EVERY_MS);
  }
}

interface Row {
  readonly name: string;
  readonly rssMiB: number;
  readonly pssMiB: number;
  readonly privateMiB: number;
}

function tableOf(title: string, rows: readonly Row[]): string {
  const sum = (key: 'rssMiB' | 'pssMiB' | 'privateMiB') => rows.reduce((total, row) => total + row[key], 0);
  const all = { name: 'all', rssMiB: sum('rssMiB'), pssMiB: sum('pssMiB'), privateMiB: sum('privateMiB') };
  const lines = [...rows, all].map(
    ({ name, rssMiB, pssMiB, privateMiB }) =>
      `| ${name} | ${rssMiB.toFixed(0)} | ${pssMiB.toFixed(0)} | ${privateMiB.toFixed(0)} |`,
  );
  return [
    `\n${title}\n`,
    '| program | resident, MiB | proportional | private |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
