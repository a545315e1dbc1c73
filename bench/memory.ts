/**
 * `node tools/boot.mjs bench/memory.ts [DOCUMENTS] [CHECKOUT...]`: the memory of each program of a quiet node: empty, after it
 * has indexed its documents, and after a restart. Other checkouts, such as one of an earlier version, are measured in turn.
 * Other programs of the same Node make the shared part look smaller: run it with a copy of Node, on a quiet machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from '../tools/build.ts';
import { Seedbox } from '../test/support/seedbox.ts';
import { commandOf, memory, processTree } from './measure.ts';
import { corpusOf } from './search/corpus.ts';

const QUIET_MS = 60_000;
const LIMIT_MS = 3_600_000;
const ASK_EVERY_MS = 5_000;
const FILES_PER_FOLDER = 1_000;

const [documents = '50000', ...checkouts] = process.argv.slice(2);
await build();
for (const checkout of checkouts.length === 0 ? [join(import.meta.dirname, '..')] : checkouts) {
  await measure(checkout, Number(documents));
}

async function measure(checkout: string, count: number): Promise<void> {
  const seedbox = await Seedbox.start({ checkout });
  try {
    await report(`${checkout}: no documents`, seedbox);
    fill(seedbox.library, count);
    await untilIndexed(seedbox, count);
    await report(`${checkout}: ${count} documents indexed`, seedbox);
    await seedbox.restart();
    await report(`${checkout}: ${count} documents, restarted`, seedbox);
  } finally {
    await seedbox.stop();
  }
}

/** Writes texts of 300 words. */
function fill(library: string, count: number): void {
  let number = 0;
  for (const { name, text } of corpusOf({ documents: count, books: 0 })) {
    const folder = join(library, `folder-${Math.floor(number / FILES_PER_FOLDER)}`);
    if (number++ % FILES_PER_FOLDER === 0) mkdirSync(folder);
    writeFileSync(join(folder, name), text);
  }
}

/** Asks seldom, so that asking is not what is measured. */
async function untilIndexed(seedbox: Seedbox, count: number): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while ((await seedbox.call<{ indexedDocuments: number | null }>('GET', 'status')).indexedDocuments !== count) {
    if (performance.now() > deadline) throw new Error('the documents were not indexed within the limit');
    await delay(ASK_EVERY_MS);
  }
}

/** Waits until the node is quiet, and prints what each of its processes takes. */
async function report(title: string, seedbox: Seedbox): Promise<void> {
  await delay(QUIET_MS);
  const { pid, programs } = await seedbox.state();
  const names = new Map(Object.entries(programs).map(([name, program]) => [program.pid, name]));
  const rows = processTree(pid).map((each) => ({ name: names.get(each) ?? commandOf(each), ...memory(each) }));
  const sum = (key: 'rssMiB' | 'pssMiB' | 'privateMiB') => rows.reduce((total, row) => total + row[key], 0);
  const all = { name: 'all', rssMiB: sum('rssMiB'), pssMiB: sum('pssMiB'), privateMiB: sum('privateMiB') };
  console.log(`\n${title}\n\n| program | resident, MiB | proportional | private |\n| --- | --- | --- | --- |`);
  for (const { name, rssMiB, pssMiB, privateMiB } of [...rows, all]) {
    console.log(`| ${name} | ${rssMiB.toFixed(0)} | ${pssMiB.toFixed(0)} | ${privateMiB.toFixed(0)} |`);
  }
}
