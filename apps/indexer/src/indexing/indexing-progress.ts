import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger, Metrics } from '@allibrary/platform';
import { EtaEstimator } from './eta-estimator.ts';
import type { Reconciliation } from './reconciliation.ts';
import type { SearchIndex } from '../search/search-index.ts';

const EVERY_MS = 5_000;

/** What following the index depends on. */
export interface IndexingProgressParts {
  readonly index: Pick<SearchIndex, 'isRebuilding' | 'finishRebuilding'>;
  /** The number of document events that are not handled yet; null while it is unknown. */
  readonly backlog: { count(): Promise<number | null> };
  /** A rebuild ends only after a complete comparison: the bus may have lost events. */
  readonly reconciliation: Pick<Reconciliation, 'isComplete'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly now: () => number;
}

/** Tracks how far the index is behind the library; ends a rebuild when it has caught up. */
export class IndexingProgress {
  readonly #parts: IndexingProgressParts;
  readonly #eta = new EtaEstimator();

  constructor(parts: IndexingProgressParts) {
    this.#parts = parts;
  }

  /** Number of documents that wait to be indexed; null while it is unknown. */
  get waiting(): number | null {
    return this.#eta.waiting;
  }

  /** Seconds until no document waits, at the present rate; null while it is unknown. */
  get secondsLeft(): number | null {
    return this.#eta.secondsLeft;
  }

  /** Exposes the estimate as a metric. */
  observe(metrics: Metrics): void {
    const secondsLeft = (): number | null => this.secondsLeft;
    metrics.gauge({
      name: 'allibrary_indexing_seconds_left',
      help: 'How long it takes until no document waits to be indexed, at the present pace; absent when it gets no less.',
      collect() {
        this.reset();
        const seconds = secondsLeft();
        if (seconds !== null) this.set(seconds);
      },
    });
  }

  /** Updates the estimate every five seconds, until the signal aborts. */
  async repeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.look();
        await delay(EVERY_MS, undefined, { signal, ref: false });
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.logger.warn({ error: describeError(error) }, 'indexing backlog unknown');
        await delay(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  /** Updates the estimate once. */
  async look(): Promise<void> {
    const { index, backlog, reconciliation, logger, now } = this.#parts;
    const waiting = await backlog.count();
    if (waiting === null) return;
    this.#eta.add({ atMs: now(), waiting });
    if (waiting > 0 || !index.isRebuilding || !reconciliation.isComplete) return;
    await index.finishRebuilding();
    logger.info({}, 'index rebuilt');
  }
}
