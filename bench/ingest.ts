import { execFileSync, spawn } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { DocumentAdded, FileFound, ListDocuments } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { eventually, freePort, startNats } from '@allibrary/testing';
import { FileHasher } from '../apps/transfer/dist/ingest/file-hasher.js';
import { markNewNode } from '../apps/supervisor/src/setup/new-node.ts';
import { writeLargeFile } from '../test/support/documents.ts';
import { median, timed } from './measure.ts';

const MIB = 1_048_576;
const PUBLISHERS = 32;
const LIBTORRENT = join(import.meta.dirname, 'libtorrent-hashing.py');
const PYTHON = '/usr/bin/python3';

/** A set of files that is measured: one large one, or many small ones, of the same size together. */
interface Corpus {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly sizeMiB: number;
}

/**
 * How fast files become documents: hashing alone, and the whole way from a file that is found to its document that is
 * added, beside bare `node:crypto` on as many threads as there are hashing lanes, and beside libtorrent where it is
 * installed. All in turn on the same files, which are in the page cache.
 */
export async function benchIngest(
  folder: string,
  { sizeMiB, files, rounds }: { sizeMiB: number; files: number; rounds: number },
): Promise<string[]> {
  const corpora = [
    await makeCorpus(join(folder, 'one'), '1 file', 1, sizeMiB),
    await makeCorpus(join(folder, 'many'), `${files} files`, files, sizeMiB),
  ];
  const rows: string[] = [];
  for (const corpus of corpora) rows.push(...(await measure(corpus, rounds)));
  return rows;
}

async function measure(corpus: Corpus, rounds: number): Promise<string[]> {
  const speeds: Record<'hashing' | 'pipeline' | 'bare' | 'libtorrent', number[]> = {
    hashing: [],
    pipeline: [],
    bare: [],
    libtorrent: [],
  };
  const note = (what: keyof typeof speeds, seconds: number) => speeds[what].push(corpus.sizeMiB / seconds);
  const hasher = new FileHasher(2);
  const hasLibtorrent = canRunLibtorrent();
  try {
    for (let round = 0; round < rounds; round++) {
      note('hashing', (await timed(() => hashAll(hasher, corpus.files))).seconds);
      note('bare', await bareSeconds(corpus.files));
      if (hasLibtorrent) note('libtorrent', libtorrentSeconds(corpus.folder));
      note('pipeline', await pipelineSeconds(corpus));
    }
  } finally {
    await hasher.close();
  }
  const row = (what: keyof typeof speeds, label: string) =>
    `| ${corpus.name} of ${corpus.sizeMiB} MiB together: ${label}, MiB/s | ${median(speeds[what]).toFixed(0)} |`;
  const ratio = (a: keyof typeof speeds, b: keyof typeof speeds) =>
    median(speeds[a].map((speed, index) => speed / (speeds[b][index] ?? Number.NaN))).toFixed(2);
  return [
    row('hashing', 'hashing'),
    row('bare', 'bare `node:crypto` on two threads'),
    row('pipeline', 'from found to added'),
    `| the same, of bare hashing (goal 0.7) | ${ratio('pipeline', 'bare')} |`,
    ...(hasLibtorrent
      ? [
          row('libtorrent', "libtorrent's torrent creation (v2)"),
          `| hashing, of libtorrent (goal 1.2) | ${ratio('hashing', 'libtorrent')} |`,
        ]
      : ['| libtorrent | not installed (python3-libtorrent) |']),
  ];
}

/** How many small files become documents per second. */
export async function addedFilesPerSecond(
  folder: string,
  { files, fileBytes }: { files: number; fileBytes: number },
): Promise<number> {
  const corpus = await makeCorpus(folder, `${files} files`, files, (files * fileBytes) / MIB);
  return files / (await pipelineSeconds(corpus));
}

async function makeCorpus(folder: string, name: string, count: number, sizeMiB: number): Promise<Corpus> {
  mkdirSync(folder, { recursive: true });
  const files = Array.from({ length: count }, (_, index) => join(folder, `${index}.bin`));
  if (count === 1) await writeLargeFile(files[0] ?? '', sizeMiB * MIB);
  else for (const file of files) writeFileSync(file, randomBytes(Math.round((sizeMiB * MIB) / count)));
  return { name, folder, files, sizeMiB };
}

async function hashAll(hasher: FileHasher, files: readonly string[]): Promise<void> {
  const rest = files.values();
  const hashRest = async (): Promise<void> => {
    for (const file of rest) {
      const handle = await open(file);
      await hasher.hash(handle.fd, (await handle.stat()).size);
      await handle.close();
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, hashRest));
}

/** Both threads are up before the time begins. */
async function bareSeconds(files: readonly string[]): Promise<number> {
  const threads = [0, 1].map((turn) => new Worker(import.meta.filename, { workerData: { files, turn } }));
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const { seconds } = await timed(() =>
    Promise.all(
      threads.map(async (thread) => {
        thread.postMessage('begin');
        await once(thread, 'message');
      }),
    ),
  );
  await Promise.all(threads.map((thread) => thread.terminate()));
  return seconds;
}

/** From the first fact published to the last document that transfer says it added. */
async function pipelineSeconds({ folder, files }: Corpus): Promise<number> {
  const nats = await startNats();
  const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'bench' });
  const port = await freePort();
  const data = join(folder, '..', `data-${port}`);
  mkdirSync(data);
  markNewNode(data);
  const transfer = spawn(process.execPath, [join(import.meta.dirname, '../apps/transfer/dist/main.js')], {
    env: {
      PATH: process.env['PATH'],
      ALLIBRARY_NATS_URL: nats.url,
      ALLIBRARY_NATS_TOKEN: nats.token,
      ALLIBRARY_DATA: data,
      ALLIBRARY_LIBRARY: folder,
      ALLIBRARY_HTTP_PORT: '0',
      ALLIBRARY_CARRIER_TOKEN: 'a-token-of-the-benchmark',
      ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${port}`,
      ALLIBRARY_P2P_CARRIER: '127.0.0.1:9',
      ALLIBRARY_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = new AbortController();
  try {
    await eventually(async () => (await bus.request(ListDocuments, {})).total === 0, { timeoutMs: 30_000 });
    let added = 0;
    const all = Promise.withResolvers<void>();
    const counting = (async () => {
      for await (const _ of bus.watch(DocumentAdded, end.signal)) if (++added === files.length) all.resolve();
    })();
    const { seconds } = await timed(async () => {
      await publishFound(bus, folder, files);
      await all.promise;
    });
    end.abort();
    await counting;
    return seconds;
  } finally {
    end.abort();
    const gone = once(transfer, 'exit');
    transfer.kill('SIGTERM');
    await gone;
    await bus.close();
    await nats.stop();
  }
}

async function publishFound(bus: Bus, folder: string, files: readonly string[]): Promise<void> {
  const waiting = files.values();
  const publishRest = async () => {
    for (const file of waiting) {
      const path = file.slice(folder.length + 1);
      const sizeBytes = statSync(file).size;
      await bus.publish(FileFound, { collection: 'library', path, sizeBytes, modifiedAtMs: 0, observedAtMs: 1 });
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publishRest));
}

const canRunLibtorrent = (): boolean => {
  if (!existsSync(PYTHON)) return false;
  try {
    execFileSync(PYTHON, ['-c', 'import libtorrent'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** libtorrent says itself how long its hashing took, so that the start of Python is not counted. */
const libtorrentSeconds = (folder: string): number =>
  Number(execFileSync(PYTHON, [LIBTORRENT, folder], { encoding: 'utf8' }));

/** The bare thread: hashes every second file, or every second piece of an only one, with nothing around it. */
function hashBare({ files, turn }: { files: readonly string[]; turn: number }): void {
  const part = Buffer.allocUnsafe(MIB);
  for (const [number, file] of files.entries()) {
    if (files.length > 1 && number % 2 !== turn) continue;
    const descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    const step = files.length > 1 ? MIB : 2 * MIB;
    for (let at = files.length > 1 ? 0 : turn * MIB; at < size; at += step)
      hash('sha256', part.subarray(0, readSync(descriptor, part, 0, MIB, at)), 'buffer');
    closeSync(descriptor);
  }
}

const thread = isMainThread ? undefined : (workerData as { files: readonly string[]; turn: number });
if (thread) {
  parentPort?.once('message', () => {
    hashBare(thread);
    parentPort?.postMessage('done');
  });
  parentPort?.postMessage('ready');
}
