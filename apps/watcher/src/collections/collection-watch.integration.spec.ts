// Real: a folder, chokidar, the read model, all parts of one watched collection. The timers are fake, the bus only listens.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CollectionStatus, FreezeLimits } from '@allibrary/contracts';
import { CollectionFolder } from '@allibrary/library';
import { Logger, Metrics, type ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BackPressure } from '../known/back-pressure.ts';
import { systemClock as clock } from '../known/clock.ts';
import { KnownCollections } from '../known/known-collection.ts';
import { openWatcherReadModel } from '../known/known-files.ts';
import { WatcherMetrics } from '../known/watcher-metrics.ts';
import { NotificationQueue } from '../seeing/notification-queue.ts';
import { collectionIn } from '../testing/collection-fixture.ts';
import type { CollectionWatch } from './collection-watch.ts';
import { watchedCollection } from './watched-collection.ts';

const ROOT_CHECK_MS = 2_000;
const RESCAN_MINUTES = 180;

let temp: TempFolder;
let model: ReadModel;
let watch: CollectionWatch;
let statuses: CollectionStatus[];
const inLibrary = (path: string) => join(temp.path, 'library', path);

beforeEach(async () => {
  temp = await tempFolder();
  mkdirSync(inLibrary('shelf'), { recursive: true });
  writeFileSync(inLibrary('shelf/book.txt'), 'a book');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  model = openWatcherReadModel(temp.path);
  statuses = [];
  watch = openWatch();
  watch.start();
});
afterEach(async () => {
  await watch.close();
  vi.useRealTimers();
  model.close();
  await temp.remove();
});

function openWatch(): CollectionWatch {
  const metrics = new WatcherMetrics(new Metrics('watcher'));
  const backPressure = new BackPressure(
    async () => 0,
    async () => {},
  );
  const known = new KnownCollections(model, { publish: async () => {} }, backPressure, metrics, clock);
  const collection = { ...collectionIn(inLibrary('')), writable: false };
  known.find(collection.id).record.open(collection.folder);
  const shared = {
    config: { settleMs: 300, rescanMinutes: RESCAN_MINUTES, pollMinutes: 5 },
    bus: {
      request: () => Promise.reject(new Error('nobody is asked')),
      signal: (_contract: unknown, status: unknown) => void statuses.push(status as CollectionStatus),
    },
    logger: new Logger({ service: 'test', level: 'silent' }),
    metrics,
    known,
    collections: { freezeLimits: FreezeLimits.parse({}) },
    notifications: new NotificationQueue(),
  };
  return watchedCollection(new CollectionFolder(collection, [temp.path]), shared).watch;
}

/** Lets the files be read, and the time pass in small steps, until the condition holds. */
async function until(isDone: () => boolean): Promise<void> {
  for (let turn = 0; !isDone(); turn++) {
    if (turn > 20_000) throw new Error(`still ${JSON.stringify(watch.status)}`);
    await nextTurn();
    vi.advanceTimersByTime(1);
  }
}

/** All is published; what is left are the timers of the next check of the folder and of the next scan. */
const isIdle = () =>
  watch.status.lastScanAtMs !== null &&
  watch.status.waitingFiles === 0 &&
  vi.getTimerCount() === 2 &&
  JSON.stringify(statuses.at(-1)) === JSON.stringify(watch.status);

test('an idle collection checks its folder every 2 s and does nothing else until the next scan', async () => {
  await until(isIdle);
  const published = statuses.length;
  const scannedAtMs = watch.status.lastScanAtMs;
  for (let n = 0; n < 30; n++) {
    vi.advanceTimersByTime(ROOT_CHECK_MS);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
    await until(() => vi.getTimerCount() === 2);
  }
  expect(statuses).toHaveLength(published);
  expect(watch.status.lastScanAtMs).toBe(scannedAtMs);
  vi.advanceTimersByTime(RESCAN_MINUTES * 60_000);
  await until(() => watch.status.lastScanAtMs !== scannedAtMs);
});

test('a folder that goes away is noticed by the next check, and the scan follows when it is back', async () => {
  await until(isIdle);
  renameSync(inLibrary(''), join(temp.path, 'away'));
  await until(() => watch.status.state === 'unavailable');
  await until(() => statuses.at(-1)?.state === 'unavailable');
  const { lastScanAtMs, knownFiles } = watch.status;
  expect(knownFiles).toBe(1);
  renameSync(join(temp.path, 'away'), inLibrary(''));
  await until(() => watch.status.state === 'watching' && watch.status.lastScanAtMs !== lastScanAtMs);
  expect(watch.status.knownFiles).toBe(1);
});

test('a closed collection leaves no timer behind, even when it is closed while it scans', async () => {
  await until(() => watch.status.scan !== null);
  await watch.close();
  expect(vi.getTimerCount()).toBe(0);
});
