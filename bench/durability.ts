/**
 * `node tools/boot.mjs bench/durability.ts`: what it costs that commands are on disk before they are acknowledged. One
 * transfer as built and a real nats-server: how long a command takes, and how many small files are added per second.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommandDownloads, LimitsSettings, ListDownloads, StartDownload, StartDownloads } from '@allibrary/contracts';
import { pieceCid } from '@allibrary/core';
import { Bus, Settings } from '@allibrary/messaging';
import { eventually, freePort, startNats, tempFolder } from '@allibrary/testing';
import { markNewNode } from '../apps/supervisor/src/setup/new-node.ts';
import { build } from '../tools/build.ts';
import { timed } from './measure.ts';

await build();
const { addedFilesPerSecond } = await import('./ingest.ts');

const REQUESTS = 500;
const FILES = 2_000;
const FILE_BYTES = 2_000;
const ROUNDS = 3;

const folder = await tempFolder();
try {
  console.log('| what | figure |\n| --- | --- |');
  console.log((await commandLatency(folder.path)).join('\n'));
  const speeds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    speeds.push(
      await addedFilesPerSecond(join(folder.path, `files-${round}`), { files: FILES, fileBytes: FILE_BYTES }),
    );
  }
  console.log(`| ${FILES} files of ${FILE_BYTES} bytes, added per second | ${speeds.map(Math.round).join(', ')} |`);
} finally {
  await folder.remove();
}

/** How long the owner waits for the acknowledgement of a command, one after the other. */
async function commandLatency(path: string): Promise<string[]> {
  const nats = await startNats();
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'bench' });
  const library = join(path, 'library');
  mkdirSync(library);
  mkdirSync(join(path, 'data'));
  markNewNode(join(path, 'data'));
  const transfer = spawn(process.execPath, [join(import.meta.dirname, '../apps/transfer/dist/main.js')], {
    env: {
      PATH: process.env['PATH'],
      ALLIBRARY_NATS_URL: nats.url,
      ALLIBRARY_NATS_TOKEN: nats.token,
      ALLIBRARY_DATA: join(path, 'data'),
      ALLIBRARY_LIBRARY: library,
      ALLIBRARY_HTTP_PORT: '0',
      ALLIBRARY_CARRIER_TOKEN: 'a-token-of-the-benchmark',
      ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${await freePort()}`,
      ALLIBRARY_P2P_CARRIER: '127.0.0.1:9',
      ALLIBRARY_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    await eventually(() => bus.request(ListDownloads, {}), { timeoutMs: 30_000 });
    const ids: string[] = [];
    const starts = await each(REQUESTS, async () => {
      ids.push((await bus.request(StartDownload, { documentId: unknownDocument() })).id);
    });
    const commands = await each(REQUESTS, async (index) => {
      await bus.request(CommandDownloads, { ids: [ids[index] ?? ''], command: { do: 'prioritise', priority: 'low' } });
    });
    const documentIds = Array.from({ length: REQUESTS }, unknownDocument);
    const many = await timed(() => bus.request(StartDownloads, { documentIds }));
    const settings = new Settings(bus);
    const writes = await each(REQUESTS, async (index) => {
      await settings.write(LimitsSettings, { activeDownloads: 1 + (index % 60) });
    });
    return [
      `| write a section of the settings, ms | ${percentiles(writes)} |`,
      `| start a download, ms | ${percentiles(starts)} |`,
      `| steer a download, ms | ${percentiles(commands)} |`,
      `| start ${REQUESTS} downloads in one request, ms | ${(many.seconds * 1_000).toFixed(0)} |`,
    ];
  } finally {
    const gone = once(transfer, 'exit');
    transfer.kill('SIGTERM');
    await gone;
    await bus.close();
    await nats.stop();
  }
}

async function each(count: number, work: (index: number) => Promise<void>): Promise<number[]> {
  const milliseconds: number[] = [];
  for (let index = 0; index < count; index++) milliseconds.push((await timed(() => work(index))).seconds * 1_000);
  return milliseconds;
}

function percentiles(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}`;
}

/** The id of a document that nobody has. */
function unknownDocument(): string {
  return pieceCid(randomBytes(32)).toString();
}
