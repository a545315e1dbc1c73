// Real: everything, one whole node. Its bus loses what it stored, in every way that a store can be lost, while a seeded
// writer works in the library.
import { cp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilAgreed } from './support/agreement.ts';
import { RandomWriter } from './support/random-writer.ts';
import { Seedbox } from './support/seedbox.ts';

const SEED = Number(process.env['ALLIBRARY_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const DEEDS = 20;

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

const truncated: Damage = async (nats) => {
  for (const [at, file] of (await filesIn(join(nats, 'jetstream'))).entries())
    await truncate(file, at % 3 === 0 ? 0 : Math.floor((await stat(file)).size / 2));
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

let seedbox: Seedbox;
let writers = 0;
beforeAll(async () => {
  console.log(`ALLIBRARY_TEST_SEED=${SEED}`);
  seedbox = await Seedbox.start();
});
afterAll(async () => {
  expect(await seedbox.stop()).toBe(0);
});

/** Works in the library while the bus loses what it stored; returns who knows what must be there. */
async function workDuring(loseStore: () => Promise<void>): Promise<RandomWriter> {
  const writer = new RandomWriter(seedbox.library, SEED * 100 + writers++);
  for (let deed = 0; deed < DEEDS; deed++) await writer.act();
  await untilAgreed(seedbox, writer);
  await rm(older(join(seedbox.data, 'nats')), { recursive: true, force: true });
  await cp(join(seedbox.data, 'nats'), older(join(seedbox.data, 'nats')), { recursive: true });
  for (let deed = 0; deed < DEEDS; deed++) await writer.act();
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      await writer.act();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  await loseStore();
  isOver = true;
  await work;
  for (let deed = 0; deed < DEEDS / 4; deed++) await writer.act();
  return writer;
}

test.each<[string, 'stop' | 'kill', Damage]>([
  ['the store is deleted', 'stop', deleted],
  ['the store is emptied', 'kill', emptied],
  ['all files of the store are cut off', 'kill', truncated],
  ['the second half of each file of the store is zeroed', 'kill', zeroed],
  ['the store is replaced by an older copy', 'stop', madeOlder],
  ['the messages are lost and the consumers are not', 'stop', messagesLost],
  ['the messages are older than the positions of the consumers', 'kill', messagesOlder],
  ['the consumers are lost and the messages are not', 'stop', consumersLost],
])('%s (%s): every file is shared and found within a minute', async (_case, end, damage) => {
  const writer = await workDuring(() =>
    seedbox.restart({ end, meanwhile: (data) => damage(join(data, 'nats')) }),
  );
  await untilAgreed(seedbox, writer);
});

test('nats-server is killed and its store deleted while the services run', async () => {
  const store = join(seedbox.data, 'nats', 'jetstream');
  const writer = await workDuring(async () => {
    await seedbox.kill('nats-server');
    await rm(store, { recursive: true });
  });
  await untilAgreed(seedbox, writer);
});
