/** `npm run bench`: measures this checkout on this machine; `--quick` proves in a minute that the benchmarks run. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { build } from '../tools/build.ts';
import { touchMemory } from './measure.ts';

await build();
const { benchIngest } = await import('./ingest.ts');
const { benchAnnouncing } = await import('./announce.ts');
const { benchDownload, benchIdleMemory } = await import('./download.ts');

const quick = process.argv.includes('--quick');
const folder = await tempFolder();
try {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`;
  console.log(
    `## ${new Date().toISOString().slice(0, 10)}: ${machine}${quick ? ' (quick: no figures to keep)' : ''}\n\n| what | figure |\n| --- | --- |`,
  );
  const print = (rows: readonly string[]): void => console.log(rows.join('\n'));
  print(
    await benchIngest(
      folder.path,
      quick ? { sizeMiB: 64, files: 100, rounds: 1 } : { sizeMiB: 1_024, files: 2_000, rounds: 5 },
    ),
  );
  print(
    await benchAnnouncing(
      folder.path,
      quick ? { hosts: 5, keys: 500, before: 5 } : { hosts: 30, keys: 100_000, before: 40 },
    ),
  );
  touchMemory(join(folder.path, 'memory.bin'), quick ? 64 : 8_192);
  print(await benchDownload({ sizeMiB: quick ? 32 : 1_024, sources: 1 }));
  if (!quick) {
    print(await benchDownload({ sizeMiB: 1_024, sources: 3 }));
    print(await benchIdleMemory());
  }
} finally {
  await folder.remove();
}
