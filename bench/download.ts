import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Download } from '@allibrary/contracts';
import { writeLargeFile } from '../test/support/documents.ts';
import { Seedbox } from '../test/support/seedbox.ts';
import { cpuSeconds, memory, timed } from './measure.ts';

const MIB = 1_048_576;
const IDLE_MS = 40_000;
const ASK_EVERY_MS = 100;
const SERVICES = ['transfer', 'p2p-node', 'indexer', 'watcher', 'gateway'];

/** How fast whole nodes on loopback fetch a document from one source and from three, and what it costs all of them. */
export async function benchDownload({ sizeMiB, sources }: { sizeMiB: number; sources: number }): Promise<string[]> {
  const seedboxes = [await Seedbox.start()];
  try {
    const [first] = seedboxes;
    if (!first) return [];
    const bootstrap = [await first.address()];
    while (seedboxes.length < sources) seedboxes.push(await Seedbox.start({ bootstrap }));
    await writeLargeFile(join(first.library, 'large.bin'), sizeMiB * MIB);
    const { documentId } = await first.documentOf('large.bin', 120_000);
    for (const other of seedboxes.slice(1)) await other.completed((await other.download(documentId)).id);
    const downloader = await Seedbox.start({ bootstrap: await Promise.all(seedboxes.map((each) => each.address())) });
    seedboxes.push(downloader);
    await downloader.meets(sources);

    const before = await totalCpuSeconds(seedboxes);
    const { seconds } = await timed(async () => untilCompleted(downloader, (await downloader.download(documentId)).id));
    const cpu = (await totalCpuSeconds(seedboxes)) - before;
    const name = `download of ${sizeMiB} MiB from ${sources} source${sources === 1 ? '' : 's'}`;
    return [
      `| ${name}, until it is shared, MiB/s (goal 150) | ${(sizeMiB / seconds).toFixed(0)} |`,
      `| the same, CPU seconds per GiB of all nodes together | ${((cpu * 1_024) / sizeMiB).toFixed(1)} |`,
    ];
  } finally {
    await Promise.all(seedboxes.map((seedbox) => seedbox.stop()));
  }
}

/** Asks seldom, so that asking is not what is measured. */
async function untilCompleted(seedbox: Seedbox, id: string): Promise<void> {
  for (;;) {
    const { state, reason } = await seedbox.call<Download>('GET', `downloads/${id}`);
    if (state === 'completed') return;
    if (state === 'failed') throw new Error(reason ?? 'the download failed');
    await delay(ASK_EVERY_MS);
  }
}

/** How much memory each service of an idle node takes. */
export async function benchIdleMemory(): Promise<string[]> {
  const seedbox = await Seedbox.start();
  try {
    await delay(IDLE_MS);
    const { programs } = await seedbox.state();
    const rows = SERVICES.map((name) => ({ name, ...memory(programs[name]?.pid ?? 0) }));
    const sum = (key: 'rssMiB' | 'pssMiB') => rows.reduce((total, row) => total + row[key], 0).toFixed(0);
    return [
      ...rows.map(
        ({ name, rssMiB, pssMiB }) =>
          `| idle memory of ${name}, MiB: resident (proportional) | ${rssMiB.toFixed(0)} (${pssMiB.toFixed(0)}) |`,
      ),
      `| the five together (goal 450) | ${sum('rssMiB')} (${sum('pssMiB')}) |`,
    ];
  } finally {
    await seedbox.stop();
  }
}

async function totalCpuSeconds(seedboxes: readonly Seedbox[]): Promise<number> {
  const states = await Promise.all(seedboxes.map((seedbox) => seedbox.state()));
  const pids = states.flatMap(({ programs }) => Object.values(programs).map(({ pid }) => pid));
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}
