import type { Clock } from '../known/clock.ts';
import type { Settling } from './settling.ts';
import type { Origin } from './file-review.ts';

/** How many paths are reviewed, and facts published, at once. */
const CONCURRENCY = 32;
/** A scan waits while so many paths are waiting. */
const ROOM_FOR_SCANS = 2_000;
/** A hint beyond so many waiting paths is dropped for a scan, which finds the same. */
const ROOM_FOR_HINTS = 20_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** How long a stopping service waits for the facts on their way; what is not recorded by then is said again. */
const STOP_LIMIT_MS = 3_000;

/** What the attention is given to, and who is told. */
export interface AttentionParts {
  readonly settling: Settling;
  readonly review: (path: string, origin: Origin) => Promise<void>;
  readonly clock: Clock;
  /** A hint had to be dropped: only a scan can tell what it was about. */
  readonly onOverflow: () => void;
  /** Reviews begin to fail: all of them wait and are tried again. */
  readonly onTrouble: (error: unknown) => void;
  readonly onRecovery: () => void;
}

/**
 * Sees to it that each path that may have changed is reviewed, and again until it has settled and its fact is
 * published: a path once at a time, so that its facts keep their order, and never too many paths at once.
 */
export class Attention {
  readonly #toReview = new Map<string, Origin>();
  readonly #inReview = new Map<string, Promise<void>>();
  #reviewEnded = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #pausedUntilMs = 0;
  #pauseMs = 0;
  #stopped = false;

  constructor(private readonly parts: AttentionParts) {}

  /** How many paths are waiting, for a review, in it, or to settle. */
  get waiting(): number {
    return this.#toReview.size + this.#inReview.size + this.parts.settling.size;
  }

  /** Something was reported about the path. */
  hint(path: string): void {
    if (this.waiting >= ROOM_FOR_HINTS) this.parts.onOverflow();
    else this.#add(path, 'hint');
  }

  /** A scan came across the path; resolves when there is room for more. */
  async consider(path: string): Promise<void> {
    if (!this.#toReview.has(path)) this.#add(path, 'scan');
    while (this.waiting >= ROOM_FOR_SCANS && !this.#stopped) await this.#reviewEnded.promise;
  }

  /** Begins no more reviews, and waits for those that run, for a while. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#reviewEnded.resolve();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, STOP_LIMIT_MS);
    await Promise.race([Promise.all(this.#inReview.values()), limit.promise]);
    clearTimeout(timer);
  }

  #add(path: string, origin: Origin): void {
    this.#toReview.set(path, origin);
    this.#continue();
  }

  /** Begins what may begin, and sets the timer for what comes next. */
  #continue(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const nowMs = this.parts.clock.steadyMs();
    if (nowMs < this.#pausedUntilMs) return this.#continueAt(this.#pausedUntilMs, nowMs);
    while (this.#inReview.size < CONCURRENCY) {
      const next = this.#takeNext(nowMs);
      if (!next) break;
      this.#begin(...next);
    }
    const { nextLookAtMs } = this.parts.settling;
    if (nextLookAtMs !== undefined && this.#inReview.size < CONCURRENCY) this.#continueAt(nextLookAtMs, nowMs);
  }

  #continueAt(timeMs: number, nowMs: number): void {
    this.#timer = setTimeout(() => this.#continue(), Math.max(1, timeMs - nowMs));
  }

  #takeNext(nowMs: number): [string, Origin] | undefined {
    for (const [path, origin] of this.#toReview) {
      if (this.#inReview.has(path)) continue;
      this.#toReview.delete(path);
      return [path, origin];
    }
    const due = this.parts.settling.takeDue(nowMs);
    return due === undefined || this.#inReview.has(due) ? undefined : [due, 'hint'];
  }

  #begin(path: string, origin: Origin): void {
    const review = this.parts.review(path, origin).then(
      () => this.#succeeded(),
      (error: unknown) => this.#failed(path, origin, error),
    );
    this.#inReview.set(
      path,
      review.finally(() => this.#ended(path)),
    );
  }

  #ended(path: string): void {
    this.#inReview.delete(path);
    this.#reviewEnded.resolve();
    this.#reviewEnded = Promise.withResolvers();
    this.#continue();
  }

  #succeeded(): void {
    if (this.#pauseMs === 0) return;
    this.#pauseMs = 0;
    this.parts.onRecovery();
  }

  /** Whatever makes one fact fail, such as a broker that is away, is likely to make all fail: everything pauses. */
  #failed(path: string, origin: Origin, error: unknown): void {
    if (this.#stopped) return;
    if (!this.#toReview.has(path)) this.#toReview.set(path, origin);
    const nowMs = this.parts.clock.steadyMs();
    if (nowMs < this.#pausedUntilMs) return;
    if (this.#pauseMs === 0) this.parts.onTrouble(error);
    this.#pauseMs = Math.min(this.#pauseMs * 2 || FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#pausedUntilMs = nowMs + this.#pauseMs;
  }
}
