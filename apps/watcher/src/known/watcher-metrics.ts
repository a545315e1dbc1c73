import { CollectionState, type CollectionStatus, WatchMode } from '@allibrary/contracts';
import type { Metrics } from '@allibrary/platform';
import type { SkipReason } from '../seeing/entry-name.ts';

const REASONS: readonly SkipReason[] = ['symlink', 'special', 'invalid-name', 'name-too-long', 'unreadable'];

/** Counters of the watched collections. */
export class WatcherMetrics {
  readonly facts;
  readonly skipped;
  readonly watchingErrors;
  readonly #scanSeconds;
  readonly #lastScan;

  constructor(metrics: Metrics) {
    this.facts = metrics.counter({
      name: 'allibrary_file_facts_total',
      help: 'Facts about files that were published, by kind.',
      labelNames: ['kind'],
    });
    for (const kind of ['found', 'lost']) this.facts.inc({ kind }, 0);
    this.skipped = metrics.counter({
      name: 'allibrary_skipped_files_total',
      help: 'Paths in the library that are not shared, by reason; each is counted once.',
      labelNames: ['reason'],
    });
    for (const reason of REASONS) this.skipped.inc({ reason }, 0);
    this.#scanSeconds = metrics.histogram({
      name: 'allibrary_library_scan_seconds',
      help: 'Duration of the scans of a whole collection.',
      buckets: [0.1, 1, 10, 60, 300, 1_800],
    });
    this.#lastScan = metrics.gauge({
      name: 'allibrary_last_library_scan_timestamp_seconds',
      help: 'When a scan of a whole collection last succeeded, in seconds since 1970.',
    });
    this.watchingErrors = metrics.counter({
      name: 'allibrary_watching_errors_total',
      help: 'Errors of the change notifications; the scans continue without them.',
    });
  }

  /** Records a full scan that ended well. */
  scanned(seconds: number, nowMs: number): void {
    this.#scanSeconds.observe(seconds);
    this.#lastScan.set(nowMs / 1_000);
  }
}

/** Whatever knows the statuses of all collections. */
interface StatusSource {
  readonly statuses: readonly CollectionStatus[];
}

/** Adds the gauges that are computed from the collections' statuses. */
export function observeStatuses(metrics: Metrics, source: StatusSource): void {
  gaugeSums(metrics, source);
  gaugeStates(metrics, source);
}

function gaugeSums(metrics: Metrics, source: StatusSource): void {
  const sum = (of: (status: CollectionStatus) => number) =>
    source.statuses.reduce((total, each) => total + of(each), 0);
  metrics.gauge({
    name: 'allibrary_known_files',
    help: 'Files of the library that are published as found.',
    collect() {
      this.set(sum(({ knownFiles }) => knownFiles));
    },
  });
  metrics.gauge({
    name: 'allibrary_waiting_files',
    help: 'Paths that may have changed and are not published yet.',
    collect() {
      this.set(sum(({ waitingFiles }) => waitingFiles));
    },
  });
}

function gaugeStates(metrics: Metrics, source: StatusSource): void {
  metrics.gauge({
    name: 'allibrary_collections',
    help: 'Collections by state; one that is frozen or unavailable needs attention.',
    labelNames: ['state'],
    collect() {
      for (const state of CollectionState.options)
        this.set({ state }, source.statuses.filter((each) => each.state === state).length);
    },
  });
  metrics.gauge({
    name: 'allibrary_watched_collections',
    help: 'Collections by watch mode: the system reports changes, or the folder is polled.',
    labelNames: ['mode'],
    collect() {
      for (const mode of WatchMode.options)
        this.set({ mode }, source.statuses.filter(({ watchMode }) => watchMode === mode).length);
    },
  });
}
