// Real: everything. A whole node on an ext4 file system of its own loses its power at random moments, while a writer works
// in its library, its owner changes settings and orders downloads from a second node. All follows from a seed.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Download } from '@allibrary/contracts';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { untilAgreed } from './support/agreement.ts';
import { Ext4Image } from './support/ext4-image.ts';
import { RandomWriter } from './support/random-writer.ts';
import { Seedbox } from './support/seedbox.ts';

const SEED = Number(process.env['ALLIBRARY_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000));
/** How often the power is cut; releases are tested with 30. */
const CUTS = Number(process.env['ALLIBRARY_POWER_CUTS'] ?? 3);
const LONGEST_LOAD_MS = 6_000;
const DOCUMENTS_PER_CUT = 2;
const DOCUMENT_BYTES = 3_000_000;
const LIMIT_BYTES_PER_SECOND = 2_000_000;
const DEED_MS = 80;
const DEEDS_PER_SYNC = 15;
const TIMEOUT_MS = 60_000;
const COLLECTIONS = [
  { id: 'library', name: 'Library', folder: 'library/public', takesDownloads: true },
  { id: 'letters', name: 'Letters', folder: 'library/letters', visibility: 'private' },
];

let machine: TempFolder;
let disk: Ext4Image;
let node: Seedbox;
let source: Seedbox;
/** Documents of the source that nobody has ordered yet. */
let wanted: string[];

beforeAll(async () => {
  console.log(`ALLIBRARY_TEST_SEED=${SEED} ALLIBRARY_POWER_CUTS=${CUTS}`);
  source = await Seedbox.start({
    fill: async (library) => {
      for (let at = 0; at < CUTS * DOCUMENTS_PER_CUT; at++) {
        await writeFile(join(library, `book-${at}.bin`), randomBytes(DOCUMENT_BYTES));
      }
    },
  });
  await eventually(async () => (await source.documents()).length === CUTS * DOCUMENTS_PER_CUT, {
    timeoutMs: TIMEOUT_MS,
  });
  wanted = (await source.documents()).map(({ documentId }) => documentId);
  machine = await tempFolder();
  disk = await Ext4Image.mountAt(machine.path);
  node = await Seedbox.start({
    folder: { path: machine.path, remove: async () => {} }, // the disk is removed as a whole
    bootstrap: [await source.address()],
    fill: async (library) => {
      for (const folder of ['public', 'letters']) await mkdir(join(library, folder));
    },
  });
  const collections = COLLECTIONS.map((each) => ({ ...each, folder: join(machine.path, each.folder) }));
  await node.call('PUT', 'settings/collections', { collections });
  await node.meets(1);
});

afterAll(async () => {
  await node?.stop();
  await disk?.remove();
  await machine?.remove();
  await source?.stop();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log(await node.warnings());
});

/** What the owner was promised before the power was cut. */
interface Promised {
  /** The number of active downloads that was last acknowledged, and the one that was asked for and perhaps stored. */
  activeDownloads: number[];
  readonly downloads: Map<string, string>;
}

/** Changes settings and orders downloads until the machine stands still; knows only what was acknowledged. */
async function own(promised: Promised, signal: AbortSignal): Promise<void> {
  for (let active = 1; !signal.aborted; active = (active % 60) + 1) {
    promised.activeDownloads.push(active);
    const limits = { activeDownloads: active, downloadBytesPerSecond: LIMIT_BYTES_PER_SECOND };
    await node.call('PUT', 'settings/limits', limits);
    promised.activeDownloads = [active];
    const documentId = promised.downloads.size < DOCUMENTS_PER_CUT ? wanted.pop() : undefined;
    if (documentId) promised.downloads.set((await node.download(documentId)).id, documentId);
    await delay(20);
  }
}

async function write(writers: readonly RandomWriter[], signal: AbortSignal): Promise<void> {
  for (let deeds = 1; !signal.aborted; deeds++) {
    for (const writer of writers) await writer.act();
    // Without this nearly all of the writer's work would still be in memory when the power is cut.
    if (deeds % DEEDS_PER_SYNC === 0) await disk.sync();
    await delay(DEED_MS);
  }
}

/** All processes stand still, what has reached the disk is kept, and the machine starts again with that. */
async function cutPower(): Promise<void> {
  const { pid, programs } = await node.state();
  for (const each of [pid, ...Object.values(programs).map((program) => program.pid)]) process.kill(each, 'SIGSTOP');
  await disk.takeSnapshot();
  await node.restart({
    end: 'kill',
    meanwhile: async (data) => {
      await disk.returnToSnapshot();
      await rm(join(data, 'run', 'node.json')); // it is of the node before
    },
  });
}

/** What a writer's folder holds now: a power cut takes back what was not yet on the disk. */
async function leftOf(
  writer: RandomWriter,
  library: string,
): Promise<Pick<RandomWriter, 'folder' | 'texts' | 'words'>> {
  const texts = new Map<string, string>();
  const folder = join(library, writer.folder);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    texts.set(relative(library, file), await readFile(file, 'utf8'));
  }
  return { folder: writer.folder, texts, words: writer.words };
}

const random = new RandomWriter('', SEED);

test.each(Array.from({ length: CUTS }, (_, at) => at))('power cut %i loses nothing that was promised', async (cut) => {
  const publicFolder = join(node.library, 'public');
  const letterFolder = join(node.library, 'letters');
  const writer = new RandomWriter(publicFolder, SEED * 100 + cut);
  const letterWriter = new RandomWriter(letterFolder, SEED * 100 + 50 + cut);
  const promised: Promised = { activeDownloads: [], downloads: new Map() };
  const load = new AbortController();
  // What was under way when the machine stood still fails, and was promised to nobody.
  const work = Promise.allSettled([own(promised, load.signal), write([writer, letterWriter], load.signal)]);
  await delay(500 + random.below(LONGEST_LOAD_MS));
  const cutting = cutPower();
  load.abort();
  await cutting;
  await work;

  const { value } = await node.call<{ value: { activeDownloads: number } }>('GET', 'settings/limits');
  expect(promised.activeDownloads).toContain(value.activeDownloads);
  const collections = await node.call<{ value: { collections: object[] } }>('GET', 'settings/collections');
  expect(collections.value.collections).toMatchObject(
    COLLECTIONS.map(({ id, visibility = 'public' }) => ({ id, visibility })),
  );
  for (const [id, documentId] of promised.downloads) {
    expect(await node.call<Download>('GET', `downloads/${id}`)).toMatchObject({ documentId });
  }

  await untilAgreed(node, await leftOf(writer, publicFolder), TIMEOUT_MS);
  const letters = await leftOf(letterWriter, letterFolder);
  await untilAgreed(node, letters, TIMEOUT_MS);
  for (const id of promised.downloads.keys()) await node.completed(id);
  await node.meets(1);
  const private_ = (await node.documents()).filter(({ locations }) =>
    locations.every(({ collection }) => collection === 'letters'),
  );
  expect(private_.filter(({ isPublic }) => isPublic)).toEqual([]);
  for (const word of letters.words.slice(-3)) expect((await source.search(word, 'network')).results).toEqual([]);
  // A power cut leaves files without content: all of them are one document, of which the API lists only some locations.
  await removeEmptyFiles(join(publicFolder, writer.folder));
  await removeEmptyFiles(join(letterFolder, letterWriter.folder));
});

async function removeEmptyFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await stat(file)).size === 0) await rm(file);
  }
}
