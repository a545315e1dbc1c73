import { resolve } from 'node:path';
import { Bus, describeError } from '@allibrary/messaging';
import { Health, Logger, Metrics, ReadModel } from '@allibrary/platform';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Attention } from './attention.ts';
import { systemClock as clock } from './clock.ts';
import { Settling } from './domain/settling.ts';
import { FileFactsPublisher } from './file-facts.publisher.ts';
import { FileReview } from './file-review.ts';
import { KnownFiles, openWatcherReadModel } from './known-files.ts';
import { LibraryFolder } from './library-folder.ts';
import { LibraryGuard } from './library-guard.ts';
import { LibraryScan } from './library-scan.ts';
import { LibraryWatch } from './library-watch.ts';
import { SkippedFiles } from './skipped-files.ts';
import { WatcherMetrics } from './watcher-metrics.ts';
import type { WatcherConfig } from './watcher.config.ts';

/** Starts and stops the watch with the service. */
@Module({})
export class WatcherModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(LibraryWatch) private readonly watch: LibraryWatch,
    @Inject(ReadModel) private readonly model: ReadModel,
  ) {}

  onApplicationBootstrap(): void {
    this.watch.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.watch.stop();
  }

  onApplicationShutdown(): void {
    this.model.close();
  }
}

/** Wires the watcher for its settings. */
export const watcherModule = (config: WatcherConfig): DynamicModule => ({
  module: WatcherModule,
  providers: [
    { provide: ReadModel, useFactory: () => openWatcherReadModel(config.dataDir) },
    {
      provide: LibraryWatch,
      inject: [Bus, Logger, Health, Metrics, ReadModel],
      useFactory: (...foundations: Foundations) => makeWatch(config, foundations),
    },
  ],
});

type Foundations = [bus: Bus, logger: Logger, health: Health, metrics: Metrics, model: ReadModel];

function makeWatch(config: WatcherConfig, [bus, logger, health, registry, model]: Foundations): LibraryWatch {
  const { settleMs, rescanMinutes } = config;
  const known = new KnownFiles(model);
  const folder = new LibraryFolder(resolve(config.libraryDir));
  const guard = new LibraryGuard(folder, known);
  const settling = new Settling(settleMs);
  const metrics: WatcherMetrics = new WatcherMetrics(registry, known, () => attention.waiting);
  const skipped = new SkippedFiles(logger, metrics);
  const publisher = new FileFactsPublisher(bus, known, metrics, clock);
  const requestScan = (): void => watch.requestScan();
  const onDoubt = requestScan;
  const reviews = new FileReview({ folder, guard, known, settling, settleMs, publisher, skipped, clock, onDoubt });
  const attention = new Attention({
    settling,
    clock,
    review: (path, origin) => reviews.review(path, origin),
    onOverflow: requestScan,
    onTrouble: (error) =>
      logger.warn({ error: describeError(error) }, 'changes in the library wait until they can be published'),
    onRecovery: () => logger.info('changes in the library are published again'),
  });
  const scan = new LibraryScan({ folder, guard, known, attention, skipped });
  const rescanMs = rescanMinutes * 60_000;
  const watch: LibraryWatch = new LibraryWatch({ folder, scan, attention, metrics, logger, clock, rescanMs });
  health.addCheck('library', () => guard.problem());
  health.addCheck('scan', () => watch.problem);
  return watch;
}
