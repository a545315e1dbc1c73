import type { Logger } from '@allibrary/platform';
import type { SkipReason } from '../seeing/entry-name.ts';
import { SKIP_EXPLANATIONS } from './file-explainer.ts';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';

/** The paths that are remembered so that each is logged once; a path beyond them may be logged again. */
const MOST_REMEMBERED = 10_000;

/** What lies in a collection and is not shared: one log line for each path. */
export class SkippedFiles {
  readonly #reasons = new Map<string, SkipReason>();

  constructor(
    private readonly collection: string,
    private readonly logger: Logger,
    private readonly metrics: WatcherMetrics,
  ) {}

  /** Says why the path is not shared, unless that has been said. */
  note(path: string, reason: SkipReason): void {
    if (this.#reasons.get(path) === reason) return;
    this.#reasons.set(path, reason);
    const [oldest] = this.#reasons.keys();
    if (this.#reasons.size > MOST_REMEMBERED && oldest !== undefined) this.#reasons.delete(oldest);
    this.metrics.skipped.inc({ reason });
    this.logger.warn({ collection: this.collection, path, reason }, SKIP_EXPLANATIONS[reason]);
  }

  /** Forgets a path at which nothing stands in the way any more. */
  clear(path: string): void {
    this.#reasons.delete(path);
  }
}
