import type { Logger } from '@allibrary/platform';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';
import type { SkipReason } from '../seeing/entry-name.ts';
import { SKIP_EXPLANATIONS } from './file-explainer.ts';

/** How many paths are remembered so that each is logged once; a path beyond them may be logged again. */
const MOST_REMEMBERED = 10_000;

/** The paths of a collection that are not shared: one log line for each. */
export class SkippedFiles {
  readonly #reasons = new Map<string, SkipReason>();

  constructor(
    private readonly metrics: WatcherMetrics,
    private readonly log: Logger,
  ) {}

  /** Logs and counts why the path is not shared, once. */
  note(path: string, reason: SkipReason): void {
    if (this.#reasons.get(path) === reason) return;
    this.#reasons.set(path, reason);
    const [oldest] = this.#reasons.keys();
    if (this.#reasons.size > MOST_REMEMBERED && oldest !== undefined) this.#reasons.delete(oldest);
    this.metrics.skipped.inc({ reason });
    this.log.warn({ path, reason }, SKIP_EXPLANATIONS[reason]);
  }

  /** Removes a path that can be shared now. */
  clear(path: string): void {
    this.#reasons.delete(path);
  }
}
