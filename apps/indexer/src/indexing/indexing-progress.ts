import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { Pace } from './pace.ts';
import type { SearchIndex } from '../search/search-index.ts';

const EVERY_MS = 5_000;

/** What following the index stands on. */
export interface IndexingProgressOptions {
  readonly index: Pick<SearchIndex, 'isRebuilding' | 'finishRebuilding'>;
  /** How many facts about documents wait to be handled; null when that is not known yet. */
  readonly countWaiting: () => Promise<number | null>;
  /** Whether the index has been compared with the catalog: the bus may have lost facts that nobody waits for. */
  readonly isComplete: () => boolean;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly now: () => number;
}

/** How far the index is behind the library, and when it will not be; ends a rebuild when it has caught up. */
export class IndexingProgress {
  readonly #parts: IndexingProgressOptions;
  readonly #pace = new Pace();

  constructor(parts: IndexingProgressOptions) {
    this.#parts = parts;
  }

  /** How many documents wait to be indexed; null when it is not known. */
  get waiting(): number | null {
    return this.#pace.waiting;
  }

  /** How long that takes at the present pace; null when nobody can say. */
  get secondsLeft(): number | null {
    return this.#pace.secondsLeft;
  }

  /** Looks again and again, until the signal aborts. */
  async repeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.look();
        await delay(EVERY_MS, undefined, { signal, ref: false });
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.logger.warn({ error: describeError(error) }, 'how far the index is behind could not be asked');
        await delay(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  /** Looks once. */
  async look(): Promise<void> {
    const { index, countWaiting, isComplete, logger, now } = this.#parts;
    const waiting = await countWaiting();
    if (waiting === null) return;
    this.#pace.add({ atMs: now(), waiting });
    if (waiting > 0 || !index.isRebuilding || !isComplete()) return;
    await index.finishRebuilding();
    logger.info({}, 'the index is made anew, and answers from now on');
  }
}
