import { CatalogOpened, GetCatalogStatus, ListFiles } from '@allibrary/contracts';
import { Collections } from '@allibrary/library';
import { Bus, RepeatedComparison, Settings, describeError } from '@allibrary/messaging';
import { Health, Logger, Metrics, ReadModel, observeComparisons } from '@allibrary/platform';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CatalogComparison } from './catalog-comparison.ts';
import { CollectionsResponder } from './collections/collections.responder.ts';
import { openWatcherReadModel } from './known/known-files.ts';
import { WatchAssembly } from './collections/watch-assembly.ts';
import { WatchedCollections } from './collections/watched-collections.ts';
import type { WatcherConfig } from './watcher.config.ts';

/** Starts and stops the watch with the service. */
@Module({})
export class WatcherModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(WatchedCollections) private readonly watched: WatchedCollections,
    @Inject(Collections) private readonly collections: Collections,
    @Inject(ReadModel) private readonly model: ReadModel,
    @Inject(RepeatedComparison) private readonly comparison: RepeatedComparison,
  ) {}

  readonly #stopping = new AbortController();
  #comparing: Promise<void> | undefined;

  onApplicationBootstrap(): void {
    this.watched.start();
    this.#comparing = this.comparison.repeat(this.#stopping.signal);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.watched.stop();
    await this.#comparing;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.collections.close();
    this.model.close();
  }
}

/** Wires the watcher for its settings. */
export const watcherModule = (config: WatcherConfig): DynamicModule => ({
  module: WatcherModule,
  controllers: [CollectionsResponder],
  providers: [
    { provide: ReadModel, useFactory: () => openWatcherReadModel(config.dataDir) },
    {
      provide: Collections,
      inject: [Bus],
      useFactory: (bus: Bus) => Collections.open(new Settings(bus), config),
    },
    {
      provide: WatchedCollections,
      inject: [Bus, Logger, Health, Metrics, ReadModel, Collections],
      useFactory: (...foundations: Foundations) => makeWatchedCollections(config, foundations),
    },
    {
      provide: RepeatedComparison,
      inject: [Bus, Logger, Metrics, Collections, WatchedCollections],
      useFactory: makeComparison,
    },
  ],
});

type Foundations = [
  bus: Bus,
  logger: Logger,
  health: Health,
  metrics: Metrics,
  model: ReadModel,
  collections: Collections,
];

function makeWatchedCollections(
  config: WatcherConfig,
  [bus, logger, health, metrics, model, collections]: Foundations,
): WatchedCollections {
  const stopping = new AbortController();
  const assembly = new WatchAssembly({
    signal: stopping.signal,
    config,
    bus,
    logger,
    metrics,
    model,
    collections,
    statuses: () => watched.statuses,
  });
  const watched: WatchedCollections = new WatchedCollections({
    collections,
    model,
    logger,
    assemble: (folder) => assembly.assemble(folder),
    retirement: (id) => assembly.retirement(id),
    stopping,
  });
  health.addCheck('library', () => watched.problem);
  return watched;
}

function makeComparison(
  bus: Bus,
  logger: Logger,
  metrics: Metrics,
  collections: Collections,
  watched: WatchedCollections,
): RepeatedComparison {
  const status = () => bus.request(GetCatalogStatus, {});
  const comparison = new CatalogComparison({
    ...{ collections, watched, status },
    files: (collection, after, limit) => bus.request(ListFiles, { collection, after, limit }),
  });
  return new RepeatedComparison({
    bus,
    ownerOpened: (signal) => bus.watch(CatalogOpened, signal),
    compare: (signal) => comparison.compare(signal),
    countWaiting: async () => (await status()).waiting,
    onEnd: observeComparisons(metrics),
    onFailure: (error) =>
      logger.warn({ error: describeError(error) }, 'published files not compared with the catalog, retrying'),
  });
}
