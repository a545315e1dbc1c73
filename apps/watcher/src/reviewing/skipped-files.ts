import type { LogSums, Logger } from '@allibrary/platform';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';
import type { SkipReason } from '../seeing/entry-name.ts';
import { SKIP_EXPLANATIONS } from './file-explainer.ts';

/** How many paths are remembered so that each is logged once; a path beyond them may be logged again. */
const MOST_REMEMBERED = 10_000;

/** Reasons that the owner can remedy, such as a name; links and devices are in a folder on purpose. */
const NEEDS_ACTION: ReadonlySet<SkipReason> = new Set(['invalid-name', 'name-too-long', 'unreadable']);

/** The paths of a collection that are not shared: each is counted once, and logged in sums. */
export class SkippedFiles {
  readonly #reasons = new Map<string, SkipReason>();
  readonly #faulty: LogSums;
  readonly #harmless: LogSums;

  constructor(
    private readonly metrics: WatcherMetrics,
    log: Logger,
  ) {
    this.#faulty = log.sums('warn', { what: 'paths not shared', isUrgent: true });
    this.#harmless = log.sums('info', { what: 'links and devices not shared' });
  }

  /** Counts a path and the reason why it is not shared, unless that is known already. */
  note(path: string, reason: SkipReason): void {
    if (this.#reasons.get(path) === reason) return;
    this.#reasons.set(path, reason);
    const [oldest] = this.#reasons.keys();
    if (this.#reasons.size > MOST_REMEMBERED && oldest !== undefined) this.#reasons.delete(oldest);
    this.metrics.skipped.inc({ reason });
    const sums = NEEDS_ACTION.has(reason) ? this.#faulty : this.#harmless;
    sums.add(reason, { path, reason }, SKIP_EXPLANATIONS[reason]);
  }

  /** Removes a path that can be shared now. */
  clear(path: string): void {
    this.#reasons.delete(path);
  }
}
