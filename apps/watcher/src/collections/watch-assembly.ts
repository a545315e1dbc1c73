import { setTimeout as delay } from 'node:timers/promises';
import { CollectionChanged, type CollectionStatus, FileFound } from '@allibrary/contracts';
import type { CollectionFolder, Collections } from '@allibrary/library';
import { type Bus, backlogOf, describeError } from '@allibrary/messaging';
import type { Logger, Metrics, ReadModel } from '@allibrary/platform';
import { Attention } from '../reviewing/attention.ts';
import { ChangeNotices } from '../seeing/change-notices.ts';
import { systemClock as clock } from '../known/clock.ts';
import { CollectionComparison } from '../collection-comparison.ts';
import { CollectionRecord } from '../known/collection-record.ts';
import { CollectionScan } from './collection-scan.ts';
import { CollectionWatch } from './collection-watch.ts';
import { IgnorePatterns } from '../seeing/ignore-patterns.ts';
import { Settling } from '../reviewing/settling.ts';
import { FactsPace } from '../known/facts-pace.ts';
import { FileExplainer } from '../reviewing/file-explainer.ts';
import { FileFactsPublisher } from '../known/file-facts.publisher.ts';
import { FileReview } from '../reviewing/file-review.ts';
import { FolderView } from '../seeing/folder-view.ts';
import { FolderWatcher } from '../seeing/folder-watcher.ts';
import { KnownFiles } from '../known/known-files.ts';
import { Losses } from '../reviewing/losses.ts';
import { NoticeQueue } from '../seeing/notice-queue.ts';
import { SkippedFiles } from '../reviewing/skipped-files.ts';
import { WatchTrial } from '../seeing/watch-trial.ts';
import type { Retirement, WatchedCollection } from './watched-collections.ts';
import { WatcherMetrics } from '../known/watcher-metrics.ts';
import type { WatcherConfig } from '../watcher.config.ts';

const PACE_PAUSE_MS = 200;

/** What all collections share. */
export interface AssemblyParts {
  readonly config: WatcherConfig;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly model: ReadModel;
  readonly collections: Collections;
  readonly statuses: () => readonly CollectionStatus[];
  /** Ends every wait when the service stops. */
  readonly signal: AbortSignal;
}

/** Puts together what watches one collection. */
export class WatchAssembly {
  readonly #metrics: WatcherMetrics;
  readonly #pace: FactsPace;
  readonly #queue = new NoticeQueue();

  constructor(private readonly parts: AssemblyParts) {
    const { bus, metrics, statuses, signal } = parts;
    this.#metrics = new WatcherMetrics(metrics, statuses);
    this.#pace = new FactsPace(
      () => backlogOf(bus, 'transfer', FileFound),
      () => delay(PACE_PAUSE_MS, undefined, { signal }),
    );
  }

  /** What says that files of a collection are not shared any more. */
  retirement(id: string): Retirement {
    const { bus, model } = this.parts;
    const known = new KnownFiles(model, id);
    const record = new CollectionRecord(model, id);
    return {
      known,
      publisher: new FileFactsPublisher({ bus, known, record, pace: this.#pace, metrics: this.#metrics, clock }),
    };
  }

  /** The watch of a collection. */
  assemble(folder: CollectionFolder): WatchedCollection {
    const { config, bus, logger, model, collections } = this.parts;
    const metrics = this.#metrics;
    const { collection } = folder;
    const { id } = collection;
    const { settleMs } = config;
    const { known, publisher } = this.retirement(id);
    const record = new CollectionRecord(model, id);
    const view = new FolderView(folder);
    const patterns = new IgnorePatterns(collection.ignore);
    const skipped = new SkippedFiles(id, logger, metrics);
    const settling = new Settling(settleMs);
    const keepsInodes = () => watch.keepsInodes;
    const onMissingChanged = () => losses.changed();
    const wasFolder = (path: string) => watch.wasFolder(path);
    const onFolder = (path: string) => watch.folderChanged(path);
    const reviews = new FileReview({
      view,
      known,
      patterns,
      settling,
      settleMs,
      keepsInodes,
      publisher,
      skipped,
      clock,
      wasFolder,
      onFolder,
      onMissingChanged,
    });
    const attention: Attention = new Attention({
      settling,
      clock,
      review: (path, origin) => reviews.review(path, origin),
      onOverflow: () => watch.requestScan(),
      onTrouble: (error) =>
        logger.warn({ collection: id, error: describeError(error) }, 'changes wait until they can be published'),
      onRecovery: () => logger.info({ collection: id }, 'changes are published again'),
    });
    const losses: Losses = new Losses({
      view,
      known,
      record,
      publisher,
      clock,
      holdMs: settleMs,
      limits: () => collections.freezeLimits,
      isQuiet: () => attention.waiting === 0 && watch.isQuiet,
      onFoundAgain: (path) => attention.hint(path),
      onFrozen: ({ evidence, remedy }) =>
        logger.warn({ collection: id, evidence, remedy }, `a collection is frozen: ${evidence}. ${remedy}`),
      onHealed: () => logger.info({ collection: id }, 'a collection is no longer frozen'),
    });
    const notices = new ChangeNotices({
      collection,
      metrics,
      logger,
      trial: new WatchTrial(bus, collection),
      watchFolders: (root, listener) => new FolderWatcher(root, listener, this.#queue),
      onHint: (path) => attention.hint(path),
      onUnclearHint: (path) => watch.requestScan(path),
      onOverflow: () => watch.noticesLost(),
    });
    const scan = new CollectionScan({
      view,
      known,
      record,
      patterns,
      attention,
      skipped,
      clock,
      keepsInodes,
      onMissingChanged,
      onFolder: (path) => notices.watch(path),
    });
    const watch: CollectionWatch = new CollectionWatch({
      collection,
      view,
      patterns,
      known,
      record,
      scan,
      attention,
      losses,
      metrics,
      logger,
      clock,
      notices,
      rescanMs: config.rescanMinutes * 60_000,
      pollMs: config.pollMinutes * 60_000,
      onChange: (status) => bus.signal(CollectionChanged, status),
    });
    const problem = () => record.freeze && `${record.freeze.evidence}. ${record.freeze.remedy}`;
    const explainer = new FileExplainer({ view, known, patterns, keepsInodes, problem });
    const comparison = new CollectionComparison({
      ...{ known, record, patterns, publisher, attention, losses, keepsInodes },
      onRemembered: () => watch.requestScan(),
    });
    return { watch, losses, explainer, comparison };
  }
}
