// Real: everything, one whole node. Its bus loses what it stored, in every way that a store can be lost, while seeded writers
// work in a public and a private collection and the owner changes settings.
import { cp, mkdir, open, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentIdOf, untilAgreed } from './support/agreement.ts';
import { RandomWriter } from './support/random-writer.ts';
import { restoreSnapshot, snapshotOf } from './support/older-store.ts';
import { Seedbox } from './support/seedbox.ts';

const SEED = Number(process.env['ALLIBRARY_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const DEEDS = 20;
/** Paces the writer; nothing waits for it. */
const DEED_PAUSE_MS = 200;
const UNTIL_AGREED = { timeoutMs: 60_000 };

type Damage = (nats: string) => Promise<void>;

const STREAMS = 'jetstream/jetstream/$G/streams';
const older = (nats: string): string => `${nats}.older`;

/** Every file below a folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const deleted: Damage = (nats) => rm(nats, { recursive: true });

const emptied: Damage = async (nats) => {
  for (const name of await readdir(nats)) await rm(join(nats, name), { recursive: true });
};

/** Cuts files to half of their length, each third one to nothing. */
async function cutOff(files: readonly string[]): Promise<void> {
  for (const [at, file] of files.entries())
    await truncate(file, at % 3 === 0 ? 0 : Math.floor((await stat(file)).size / 2));
}

const truncated: Damage = async (nats) => cutOff(await filesIn(join(nats, 'jetstream')));

/** nats-server knows its streams, and finds some of their messages and positions. */
const contentTruncated: Damage = async (nats) => {
  const files = await filesIn(join(nats, 'jetstream'));
  await cutOff(files.filter((file) => /\.(blk|idx|fss|dat)$/.test(file)));
};

const blocksTruncated: Damage = async (nats) => {
  const files = await filesIn(join(nats, 'jetstream'));
  for (const file of files.filter((each) => each.endsWith('.blk')))
    await truncate(file, Math.floor((await stat(file)).size / 2));
};

const zeroed: Damage = async (nats) => {
  for (const file of await filesIn(join(nats, 'jetstream'))) {
    const { size } = await stat(file);
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(Math.ceil(size / 2)), 0, undefined, Math.floor(size / 2));
    await handle.close();
  }
};

const madeOlder: Damage = async (nats) => {
  await rm(nats, { recursive: true });
  await cp(older(nats), nats, { recursive: true });
};

const messagesLost: Damage = async (nats) => {
  for (const stream of await readdir(join(nats, STREAMS)))
    await rm(join(nats, STREAMS, stream, 'msgs'), { recursive: true });
};

/** The streams are those of the copy, the consumers keep their positions: so a power cut leaves them. */
const messagesOlder: Damage = async (nats) => {
  for (const stream of await readdir(join(older(nats), STREAMS))) {
    const messages = join(STREAMS, stream, 'msgs');
    await rm(join(nats, messages), { recursive: true, force: true });
    await cp(join(older(nats), messages), join(nats, messages), { recursive: true });
  }
};

const consumersLost: Damage = async (nats) => {
  for (const stream of await readdir(join(nats, STREAMS)))
    await rm(join(nats, STREAMS, stream, 'obs'), { recursive: true, force: true });
};

const PUBLIC = 'books';
const PRIVATE = 'letters';

let seedbox: Seedbox;
let writers = 0;
/** A download that waits for a source. */
let download: string;
/** The last acknowledged limit of active downloads, and those requested since. */
let activeDownloads: number[] = [1];
beforeAll(async () => {
  console.log(`ALLIBRARY_TEST_SEED=${SEED}`);
  seedbox = await Seedbox.start({
    fill: async (library) => {
      for (const folder of [PUBLIC, PRIVATE]) await mkdir(join(library, folder));
    },
  });
  const collections = [
    { id: PUBLIC, name: 'Books', folder: join(seedbox.library, PUBLIC), takesDownloads: true },
    { id: PRIVATE, name: 'Letters', folder: join(seedbox.library, PRIVATE), visibility: 'private' },
  ];
  await seedbox.call('PUT', 'settings/collections', { collections });
  download = (await seedbox.download(documentIdOf('nobody has this'))).id;
});
afterAll(async () => {
  expect(await seedbox.stop()).toBe(0);
});

/** What a power cut may take the last transactions of: all of these are made of facts. */
const READ_MODELS = [
  'transfer/transfer.sqlite',
  'indexer/index.db',
  'watcher/watcher.sqlite',
  'p2p-node/direct/announcements.sqlite',
] as const;

/** The writers that work while the bus loses its store. */
interface Work {
  readonly books: RandomWriter;
  readonly letters: RandomWriter;
}

const newWork = (): Work => ({
  books: new RandomWriter(join(seedbox.library, PUBLIC), SEED * 100 + writers++),
  letters: new RandomWriter(join(seedbox.library, PRIVATE), SEED * 100 + writers++),
});

async function act({ books, letters }: Work, deeds: number): Promise<void> {
  for (let deed = 0; deed < deeds; deed++) await (deed % 4 === 3 ? letters : books).act();
}

/** The folders as the writers left them are shared and found, only books are offered to peers, and the settings are the owner's. */
async function expectAllAgree({ books, letters }: Work): Promise<void> {
  await untilAgreed(seedbox, books);
  await untilAgreed(seedbox, letters);
  const offered = async () => {
    const counts = ['announced', 'waiting'].map(
      (state) => `allibrary_announced_documents{state="${state}",service="p2p-node"}`,
    );
    const [announced = 0, waiting = 0] = await Promise.all(counts.map((name) => seedbox.metric('p2p-node', name)));
    return announced + waiting;
  };
  await eventually(async () => {
    let documents = 0;
    for await (const { isPublic, locations } of seedbox.allDocuments()) {
      expect(isPublic).toBe(locations.every(({ collection }) => collection === PUBLIC));
      if (isPublic) documents += 1;
    }
    return expect(await offered()).toBe(documents) ?? true;
  }, UNTIL_AGREED);
  const { value } = await seedbox.call<{ value: { activeDownloads: number } }>('GET', 'settings/limits');
  expect(activeDownloads).toContain(value.activeDownloads);
  expect((await seedbox.call<{ id: string }>('GET', `downloads/${download}`)).id).toBe(download);
}

/** Keeps copies of the bus and of all read models as they are now. */
async function keepCopies(): Promise<void> {
  const nats = join(seedbox.data, 'nats');
  await rm(older(nats), { recursive: true, force: true });
  await cp(nats, older(nats), { recursive: true });
  for (const file of READ_MODELS) await snapshotOf(join(seedbox.data, file));
}

/** Makes the owner's next change of a setting; it fails while the node is down. */
async function changeSettings(): Promise<void> {
  const next = ((activeDownloads.at(-1) ?? 0) % 60) + 1;
  activeDownloads = [...activeDownloads, next];
  const isStored = await seedbox.call('PUT', 'settings/limits', { activeDownloads: next }).then(
    () => true,
    () => false,
  );
  if (isStored) activeDownloads = [next];
}

/** Works in the library while the bus loses what it stored; returns the writers, which know what must be there. */
async function workDuring(loseStore: () => Promise<void>): Promise<Work> {
  const work = newWork();
  await act(work, DEEDS);
  await untilAgreed(seedbox, work.books);
  await keepCopies();
  await act(work, DEEDS);
  let isOver = false;
  const load = (async () => {
    while (!isOver) {
      await act(work, 4);
      await changeSettings();
      await delay(DEED_PAUSE_MS);
    }
  })();
  await loseStore();
  isOver = true;
  await load;
  await act(work, DEEDS / 4);
  return work;
}

test.each<[string, 'stop' | 'kill', Damage]>([
  ['the store is deleted', 'stop', deleted],
  ['the store is emptied', 'kill', emptied],
  ['all files of the store are cut off', 'kill', truncated],
  ['messages and positions are cut off', 'kill', contentTruncated],
  ['the messages are cut off, and the consumers keep their positions', 'stop', blocksTruncated],
  ['the second half of each file of the store is zeroed', 'kill', zeroed],
  ['the store is replaced by an older copy', 'stop', madeOlder],
  ['the messages are lost and the consumers are not', 'stop', messagesLost],
  ['the messages are older than the positions of the consumers', 'kill', messagesOlder],
  ['the consumers are lost and the messages are not', 'stop', consumersLost],
])('%s (%s): every file is shared and found within a minute', async (_case, end, damage) => {
  const written = await workDuring(() => seedbox.restart({ end, meanwhile: (data) => damage(join(data, 'nats')) }));
  await expectAllAgree(written);
});

test.each([
  ['deleted', deleted],
  ['older', madeOlder],
])('nothing is hashed, read or published again for a bus that is %s', async (how, damage) => {
  const written = newWork();
  await act(written, DEEDS);
  await keepCopies();
  await act(written, DEEDS);
  await expectAllAgree(written);
  await seedbox.restart({ meanwhile: (data) => damage(join(data, 'nats')) });
  for (const service of ['watcher', 'indexer', 'p2p-node'])
    await eventually(async () => (await seedbox.metric(service, complete(service))) > 0, UNTIL_AGREED);
  const name = `after-the-bus-was-${how}.txt`;
  await writeFile(join(seedbox.library, PUBLIC, name), name);
  const { documentId } = await seedbox.documentOf(name);
  await eventually(async () => (await seedbox.search(name, 'local')).results[0]?.documentId === documentId);
  expect(await doneForFiles()).toEqual({ hashed: 1, read: 1, published: 1 });
});

const complete = (service: string): string => `allibrary_comparisons_total{result="complete",service="${service}"}`;

/** What the services have done for single files since they started. */
const doneForFiles = async () => ({
  hashed: await seedbox.metric('transfer', 'allibrary_ingested_files_total{result="hashed",service="transfer"}'),
  read: await seedbox.metric('indexer', 'allibrary_indexed_documents_total{result="text",service="indexer"}'),
  published: await seedbox.metric('watcher', 'allibrary_file_facts_total{kind="found",service="watcher"}'),
});

const BUS: Record<string, Damage> = {
  'the bus as it is': async () => {},
  'an older bus': madeOlder,
  'an older bus with newer consumers': messagesOlder,
};

const chance = new RandomWriter('', SEED);
const POWER_CUTS = [...READ_MODELS.map((file) => [file]), ...Array.from({ length: 2 }, () => someOf(READ_MODELS))].map(
  (olderFiles) => {
    const bus = Object.keys(BUS)[chance.below(3)] ?? '';
    return [`${bus}, and an older ${olderFiles.join(', ')}`, bus, olderFiles] as const;
  },
);

function someOf<T>(all: readonly T[]): T[] {
  const some = all.filter(() => chance.below(2) === 0);
  return some.length > 0 ? some : [...all];
}

test.each(POWER_CUTS)('a power cut that leaves %s', async (_case, bus, olderFiles) => {
  const written = await workDuring(() =>
    seedbox.restart({
      end: 'kill',
      meanwhile: async (data) => {
        await BUS[bus]?.(join(data, 'nats'));
        for (const file of olderFiles) await restoreSnapshot(join(data, file));
      },
    }),
  );
  await expectAllAgree(written);
});

test('nats-server is killed and its store deleted while the services run', async () => {
  const store = join(seedbox.data, 'nats', 'jetstream');
  const written = await workDuring(async () => {
    await rename(store, `${store}.lost`); // the supervisor starts the next server at once
    await seedbox.kill('nats-server');
  });
  await expectAllAgree(written);
});
