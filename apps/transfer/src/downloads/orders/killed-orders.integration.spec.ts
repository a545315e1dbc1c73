// Real: transfer as built, in a process of its own that is killed with SIGKILL; nats-server, whose store is deleted.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandDownloads, DownloadPriority, ListDownloads, StartDownload } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { type TempFolder, type TestNats, eventually, startNats, tempFolder } from '@allibrary/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CARRIER_TOKEN, markAsNew } from '../../testing/transfer-fixture.ts';
import { TransferProcess } from '../../testing/transfer-process.ts';
import { unknownDocument } from '../../testing/unknown-documents.ts';

const SEEDS = Array.from({ length: 6 }, (_, index) => index + 1);
const KILLS = 4;
const STEPS = 1_000_000;
const LONGEST_LIFE_MS = 400;

/** What was acknowledged of a download. */
interface Acknowledged {
  readonly id: string;
  readonly isPaused: boolean;
  readonly priority: DownloadPriority;
}
type Random = () => number;

let folder: TempFolder;
let nats: TestNats;
let bus: Bus;
let transfer: TransferProcess | undefined;
beforeEach(async () => {
  [folder, nats] = await Promise.all([tempFolder(), startNats()]);
  await markAsNew(folder.path);
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
});
afterEach(async () => {
  await transfer?.stop();
  await bus.close();
  await nats.stop();
  await folder.remove();
});

test.each(SEEDS)('seed %i: killed at random moments, every acknowledged command is there', async (seed) => {
  const random = randomOf(seed);
  const orders = new Map<string, Acknowledged>();
  for (let kill = 0; kill < KILLS; kill++) {
    transfer = await TransferProcess.start(environment());
    await expectAll(orders);
    const unknown = await commandUntilKilled(orders, random);
    if (unknown !== undefined) orders.delete(unknown); // nobody knows whether its last command was taken
    if (kill % 2 === 1) await loseReadModelAndBus();
  }
  transfer = await TransferProcess.start(environment());
  await expectAll(orders);
  expect(orders.size).toBeGreaterThan(0);
});

/** Gives commands one after the other; returns the download whose command was not acknowledged any more. */
async function commandUntilKilled(orders: Map<string, Acknowledged>, random: Random): Promise<string | undefined> {
  let isKilled = false;
  const killed = delay(random() * LONGEST_LIFE_MS).then(() => {
    isKilled = true;
    return transfer?.stop();
  });
  let unknown: string | undefined;
  while (!isKilled) {
    const known = [...orders.values()][Math.floor(random() * orders.size * 2)];
    try {
      const order = await Promise.race([known ? steer(known, random) : request(), killed.then(noAnswer)]);
      orders.set(order.id, order);
    } catch (error) {
      expect(isKilled, String(error)).toBe(true);
      unknown = known?.id;
    }
  }
  await killed;
  return unknown;
}

/** A request to a process that was killed would wait until its time limit. */
function noAnswer(): never {
  throw new Error('the process was killed');
}

async function request(): Promise<Acknowledged> {
  const { id, priority } = await bus.request(StartDownload, { documentId: unknownDocument() });
  return { id, isPaused: false, priority };
}

async function steer({ id, isPaused, priority }: Acknowledged, random: Random): Promise<Acknowledged> {
  const ids = [id];
  if (random() < 0.5) {
    await bus.request(CommandDownloads, { ids, command: { do: isPaused ? 'resume' : 'pause' } });
    return { id, isPaused: !isPaused, priority };
  }
  const next = DownloadPriority.options[Math.floor(random() * 3)] ?? 'normal';
  await bus.request(CommandDownloads, { ids, command: { do: 'prioritise', priority: next } });
  return { id, isPaused, priority: next };
}

async function expectAll(orders: ReadonlyMap<string, Acknowledged>): Promise<void> {
  const found = new Map((await listAll()).map((download) => [download.id, download]));
  for (const { id, isPaused, priority } of orders.values()) {
    const download = found.get(id);
    expect(download, id).toBeDefined();
    // After two deaths of the process the node pauses a download of its own accord.
    const isPausedByOwner = download?.state === 'paused' && download.cause !== 'crash';
    expect({ isPaused: isPausedByOwner, priority: download?.priority }).toEqual({ isPaused, priority });
  }
}

async function listAll() {
  const items = [];
  let cursor: string | undefined;
  do {
    const page = await eventually(() => bus.request(ListDownloads, { limit: 200, ...(cursor && { cursor }) }));
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

async function loseReadModelAndBus(): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) {
    await rm(join(folder.path, 'transfer', `transfer.sqlite${suffix}`), { force: true });
  }
  await nats.restart(() => rm(nats.store, { recursive: true }));
}

function randomOf(seed: number): Random {
  const numbers = fc.sample(fc.noBias(fc.integer({ min: 0, max: STEPS - 1 })), { seed, numRuns: 10_000 });
  let next = 0;
  return () => (numbers[next++ % numbers.length] ?? 0) / STEPS;
}

const environment = () => ({
  ALLIBRARY_NATS_URL: nats.url,
  ALLIBRARY_NATS_TOKEN: nats.token,
  ALLIBRARY_DATA: folder.path,
  ALLIBRARY_LIBRARY: folder.path,
  ALLIBRARY_CARRIER_TOKEN: CARRIER_TOKEN,
  ALLIBRARY_P2P_CARRIER: '127.0.0.1:9',
});
