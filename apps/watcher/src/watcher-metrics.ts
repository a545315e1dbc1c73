import type { Metrics } from '@allibrary/platform';
import type { SkipReason } from './domain/entry-name.ts';
import type { KnownFiles } from './known-files.ts';

const REASONS: readonly SkipReason[] = ['symlink', 'special', 'invalid-name', 'name-too-long', 'unreadable'];

/** What is counted while the library is watched. */
export class WatcherMetrics {
  readonly facts;
  readonly skipped;
  readonly scanSeconds;
  readonly lastScan;
  readonly watchingErrors;

  constructor(metrics: Metrics, known: KnownFiles, waiting: () => number) {
    metrics.gauge({
      name: 'allibrary_known_files',
      help: 'Files of the library that are published as found.',
      collect() {
        this.set(known.count());
      },
    });
    metrics.gauge({
      name: 'allibrary_waiting_files',
      help: 'Paths that may have changed and are not published yet.',
      collect() {
        this.set(waiting());
      },
    });
    this.facts = metrics.counter({
      name: 'allibrary_file_facts_total',
      help: 'Facts about files that were published, by kind.',
      labelNames: ['kind'],
    });
    for (const kind of ['found', 'lost']) this.facts.inc({ kind }, 0);
    this.skipped = metrics.counter({
      name: 'allibrary_skipped_files_total',
      help: 'Paths in the library that are not shared, by reason; each is counted when it is first met.',
      labelNames: ['reason'],
    });
    for (const reason of REASONS) this.skipped.inc({ reason }, 0);
    this.scanSeconds = metrics.histogram({
      name: 'allibrary_library_scan_seconds',
      help: 'How long a look through the whole library took.',
      buckets: [0.1, 1, 10, 60, 300, 1_800],
    });
    this.lastScan = metrics.gauge({
      name: 'allibrary_last_library_scan_timestamp_seconds',
      help: 'When the last look through the whole library ended well, in seconds since 1970.',
    });
    this.watchingErrors = metrics.counter({
      name: 'allibrary_watching_errors_total',
      help: 'Errors of the watch for changes; the scans go on without it.',
    });
  }
}
