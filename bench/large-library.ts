/** How a node bears a library of many small files: `node tools/boot.mjs bench/large-library.ts [FILES]`. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from '../tools/build.ts';
import { Seedbox } from '../test/support/seedbox.ts';
import { memory, timed } from './measure.ts';

const FILES_PER_FOLDER = 1_000;
const LOOK_EVERY_MS = 1_000;
const LIMIT_MS = 1_500_000;
const SERVICES = ['watcher', 'transfer'];

/** Each file has 200 to 3,000 bytes that no other has. */
async function fill(library: string, files: number): Promise<void> {
  for (let number = 0; number < files; number++) {
    const folder = join(library, `folder-${Math.floor(number / FILES_PER_FOLDER)}`);
    if (number % FILES_PER_FOLDER === 0) mkdirSync(folder);
    writeFileSync(join(folder, `${number}.bin`), randomBytes(200 + (number % 2_800)));
  }
}

/** Looks once a second until the condition holds; returns the most resident memory of watcher and transfer together. */
async function watchUntil(seedbox: Seedbox, holds: () => Promise<boolean>): Promise<number> {
  const deadline = performance.now() + LIMIT_MS;
  let mostMiB = 0;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error('the library was not taken in within the limit');
    const { programs } = await seedbox.state();
    const sum = SERVICES.reduce((total, name) => total + memory(programs[name]?.pid ?? 0).rssMiB, 0);
    mostMiB = Math.max(mostMiB, sum);
    await delay(LOOK_EVERY_MS);
  }
  return mostMiB;
}

const total = async (seedbox: Seedbox): Promise<number> =>
  (await seedbox.call<{ total: number }>('GET', 'documents?limit=1')).total;

async function measure(files: number): Promise<string[]> {
  const seedbox = await Seedbox.start({ fill: (library) => fill(library, files) });
  try {
    const rates: number[] = [];
    let before = 0;
    const ingest = await timed(() =>
      watchUntil(seedbox, async () => {
        const now = await total(seedbox);
        if (now > before && now < files) rates.push(now - before);
        before = now;
        return now === files;
      }),
    );
    const steady = rates.toSorted((a, b) => a - b);
    const restart = await timed(async () => {
      await seedbox.restart();
      return watchUntil(seedbox, async () => (await scans(seedbox)) > 0);
    });
    const hashed = await seedbox.metric('transfer', 'allibrary_hashed_bytes_total');
    return [
      `| ${files} small files: until all are shared, s | ${ingest.seconds.toFixed(0)} |`,
      `| documents in a second: a tenth of the seconds had fewer than, half, most | ${[0.1, 0.5, 1].map((share) => steady[Math.min(steady.length - 1, Math.floor(steady.length * share))]).join(', ')} |`,
      `| watcher and transfer together, most resident MiB (goal 400) | ${ingest.result.toFixed(0)} |`,
      `| restart with nothing changed, until the scan has ended, s (goal 30) | ${restart.seconds.toFixed(1)} |`,
      `| bytes hashed after the restart | ${hashed} |`,
      `| watcher and transfer together during the restart, most resident MiB | ${restart.result.toFixed(0)} |`,
    ];
  } finally {
    await seedbox.stop();
  }
}

/** How many scans this watcher has ended. */
const scans = (seedbox: Seedbox): Promise<number> => seedbox.metric('watcher', 'allibrary_library_scan_seconds_count');

await build();
console.log((await measure(Number(process.argv[2] ?? 100_000))).join('\n'));
