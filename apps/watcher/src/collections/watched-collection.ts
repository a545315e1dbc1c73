import type { Bus } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { CollectionFolder, Collections } from '@allibrary/library';
import { systemClock as clock } from '../known/clock.ts';
import type { KnownCollections } from '../known/known-collection.ts';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';
import { CollectionComparison } from '../reviewing/collection-comparison.ts';
import { CollectionScan } from '../reviewing/collection-scan.ts';
import { FileExplainer } from '../reviewing/file-explainer.ts';
import { FileReview } from '../reviewing/file-review.ts';
import { Losses } from '../reviewing/losses.ts';
import { ReviewQueue } from '../reviewing/review-queue.ts';
import { Settling } from '../reviewing/settling.ts';
import { SkippedFiles } from '../reviewing/skipped-files.ts';
import { ChangeNotifications } from '../seeing/change-notifications.ts';
import { FolderView } from '../seeing/folder-view.ts';
import type { NotificationQueue } from '../seeing/notification-queue.ts';
import { RootWatch } from '../seeing/root-watch.ts';
import { WatchTrial } from '../seeing/watch-trial.ts';
import type { WatcherConfig } from '../watcher.config.ts';
import { Agenda } from './agenda.ts';
import type { CollectionEvent } from './collection-events.ts';
import { CollectionStatusPublisher } from './collection-status.ts';
import { CollectionWatch } from './collection-watch.ts';
import { EventQueue } from './event-queue.ts';
import { ScanSchedule } from './scan-schedule.ts';
import { Scans } from './scans.ts';

/** What all watched collections share. */
export interface SharedParts {
  readonly config: Pick<WatcherConfig, 'settleMs' | 'rescanMinutes' | 'pollMinutes'>;
  readonly bus: Pick<Bus, 'request' | 'signal'>;
  readonly logger: Logger;
  readonly metrics: WatcherMetrics;
  readonly known: KnownCollections;
  readonly collections: Pick<Collections, 'freezeLimits'>;
  readonly notifications: NotificationQueue;
}

/** One collection with all that watches it. */
export interface WatchedCollection {
  readonly watch: CollectionWatch;
  readonly explainer: FileExplainer;
  readonly comparison: CollectionComparison;
}

/** Builds what watches one collection; it starts with `watch.start()` and ends with `watch.close()`. */
export function watchedCollection(folder: CollectionFolder, shared: SharedParts): WatchedCollection {
  const { config, bus, metrics } = shared;
  const { collection } = folder;
  const log = shared.logger.with({ collection: collection.id });
  const events = new EventQueue<CollectionEvent>();
  const known = shared.known.find(collection.id);

  const view = new FolderView(folder);
  const trial = new WatchTrial(bus, collection);
  const changes = new ChangeNotifications({ trial, queue: shared.notifications, events, metrics, log });
  const roots = new RootWatch(view, changes, log);

  const settling = new Settling(config.settleMs);
  const skipped = new SkippedFiles(metrics, log);
  const review = new FileReview({ view, known, changes, settling, skipped, clock, events });
  const reviews = new ReviewQueue({ reviews: review, settling, clock, events });
  const limits = shared.collections;
  const losses = new Losses({ view, known, limits, holdMs: config.settleMs, clock, events, log });

  const scan = new CollectionScan({ view, known, changes, reviews, skipped, clock, events });
  const schedule = new ScanSchedule({ rescanMs: config.rescanMinutes * 60_000, pollMs: config.pollMinutes * 60_000 });
  const scans = new Scans({ schedule, scan, losses, metrics, clock, log });

  const status = new CollectionStatusPublisher({ collection, roots, known, reviews, scan, bus, clock });
  const agenda = new Agenda(events, clock, log);
  return {
    watch: new CollectionWatch({ events, agenda, roots, scans, reviews, losses, status }),
    explainer: new FileExplainer(view, known),
    comparison: new CollectionComparison({ view, known, reviews, losses, events }),
  };
}
