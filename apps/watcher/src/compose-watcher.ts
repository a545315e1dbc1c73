import { setTimeout as delay } from 'node:timers/promises';
import { CatalogOpened, FileFound } from '@allibrary/contracts';
import { Collections } from '@allibrary/library';
import { RepeatedComparison, Settings, backlogOf, describeError } from '@allibrary/messaging';
import { type Foundations, type ReadModel, observeComparisons } from '@allibrary/platform';
import { CatalogComparison, RemoteCatalog } from './collections/catalog-comparison.ts';
import { WatchedCollections } from './collections/watched-collections.ts';
import { BackPressure } from './known/back-pressure.ts';
import { systemClock as clock } from './known/clock.ts';
import { KnownCollections } from './known/known-collection.ts';
import { openWatcherReadModel } from './known/known-files.ts';
import { WatcherMetrics, observeStatuses } from './known/watcher-metrics.ts';
import { NotificationQueue } from './seeing/notification-queue.ts';
import type { WatcherConfig } from './watcher.config.ts';

/** How long transfer is given to work on its backlog before it is checked again. */
const BACK_PRESSURE_PAUSE_MS = 200;

/** A composed watcher: what its responder calls, and its lifetime. */
export interface ComposedWatcher {
  readonly model: ReadModel;
  readonly watched: WatchedCollections;
  start(): void;
  /** Ends all watches, then closes the read model; no request may come any more. */
  close(): Promise<void>;
}

/** Builds the watcher. */
export async function composeWatcher(config: WatcherConfig, foundations: Foundations): Promise<ComposedWatcher> {
  const { bus, logger, health, metrics } = foundations;
  const closing = new AbortController();
  const model = openWatcherReadModel(config.dataDir);
  const collections = await Collections.open(new Settings(bus), config);

  const counters = new WatcherMetrics(metrics);
  const backPressure = new BackPressure(
    () => backlogOf(bus, 'transfer', FileFound),
    () => delay(BACK_PRESSURE_PAUSE_MS, undefined, { signal: closing.signal }),
  );
  const known = new KnownCollections(model, bus, backPressure, counters, clock);
  const notifications = new NotificationQueue();
  const shared = { config, bus, logger, metrics: counters, known, collections, notifications };
  const watched = new WatchedCollections(collections, shared);
  observeStatuses(metrics, watched);
  health.addCheck('library', () => watched.problem);

  const catalog = new RemoteCatalog(bus);
  const comparison = new CatalogComparison(collections, watched, catalog);
  const repeated = new RepeatedComparison({
    bus,
    ownerOpened: (signal) => bus.watch(CatalogOpened, signal),
    compare: (signal) => comparison.compare(signal),
    countWaiting: async () => (await catalog.status()).waiting,
    onEnd: observeComparisons(metrics),
    onFailure: (error) => logger.warn({ error: describeError(error) }, 'comparison with the catalog failed, retrying'),
  });

  let comparing: Promise<void> | undefined;
  return {
    model,
    watched,
    start() {
      watched.start();
      comparing = repeated.repeat(closing.signal);
    },
    async close() {
      closing.abort();
      await watched.close();
      await comparing;
      await collections.close();
      model.close();
    },
  };
}
