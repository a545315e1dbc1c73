import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from './bus.ts';

const EVERY_MS = 24 * 3_600_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 300_000;
const LOOK_MS = 1_000;
/** Facts that fail are retried for minutes: after this time, a few of them do not hold up a comparison. */
const PATIENCE_MS = 15_000;
const FEW = 100;

/** What a repeated comparison needs. */
export interface ComparisonParts {
  readonly bus: Pick<Bus, 'onGap'>;
  /** Yields each time the owner was opened: it may have lost what it held. */
  readonly ownerOpened: (signal: AbortSignal) => AsyncIterable<unknown>;
  /** Compares and mends; returns false when something is left to be mended. */
  readonly compare: (signal: AbortSignal) => Promise<boolean>;
  /** Number of facts on their way, whose effect would look like a difference; null or rejecting while it is unknown. */
  readonly countWaiting: () => Promise<number | null>;
  readonly onEnd: (result: 'complete' | 'incomplete' | 'failed') => void;
  readonly onFailure: (error: unknown) => void;
  /** Waits; rejects when the signal aborts. */
  readonly pause?: (waitMs: number, signal: AbortSignal) => Promise<unknown>;
}

const pause = (waitMs: number, signal: AbortSignal) => delay(waitMs, undefined, { signal, ref: false });

/**
 * Runs the comparison of a read model with its owner: at the start, when the bus may have lost facts, when the owner was
 * opened, and each day.
 */
export class RepeatedComparison {
  #wake = new AbortController();
  #retryMs = FIRST_RETRY_MS;

  readonly #parts: Required<ComparisonParts>;

  constructor(parts: ComparisonParts) {
    this.#parts = { pause, ...parts };
  }

  /** Asks for a comparison now, or right after the one that runs. */
  request(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#wake.abort();
  }

  /** Runs until the signal aborts. */
  async repeat(signal: AbortSignal): Promise<void> {
    const removeListener = this.#parts.bus.onGap(() => this.request());
    const following = this.#followOwner(signal);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const end = AbortSignal.any([signal, this.#wake.signal]);
      const waitMs = await this.#run(signal);
      await this.#parts.pause(waitMs, end).catch(() => {});
    }
    removeListener();
    await following;
  }

  async #followOwner(signal: AbortSignal): Promise<void> {
    for await (const _ of this.#parts.ownerOpened(signal)) this.request();
  }

  /** Returns after how many milliseconds to compare again. */
  async #run(signal: AbortSignal): Promise<number> {
    try {
      await this.#untilCaughtUp(signal);
      const isComplete = await this.#parts.compare(signal);
      this.#parts.onEnd(isComplete ? 'complete' : 'incomplete');
      if (isComplete) {
        this.#retryMs = FIRST_RETRY_MS;
        return EVERY_MS;
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#parts.onEnd('failed');
        this.#parts.onFailure(error);
      }
    }
    const waitMs = this.#retryMs;
    this.#retryMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
    return waitMs;
  }

  async #untilCaughtUp(signal: AbortSignal): Promise<void> {
    const impatientAtMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const waiting = await this.#parts.countWaiting().catch(() => null);
      if (waiting === 0 || (waiting !== null && waiting <= FEW && performance.now() > impatientAtMs)) return;
      await this.#parts.pause(LOOK_MS, signal);
    }
  }
}
