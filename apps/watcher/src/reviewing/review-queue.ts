import type { Clock } from '../known/clock.ts';
import type { FileReview, Origin } from './file-review.ts';
import type { ReviewSink } from './review-events.ts';
import type { Settling } from './settling.ts';

/** How many paths are reviewed, and facts published, at once. */
const CONCURRENCY = 32;
/** Number of waiting paths at which a scan waits. */
const ROOM_FOR_SCANS = 2_000;
/** Number of waiting paths at which hints are dropped in favour of a scan, which finds the same. */
const ROOM_FOR_HINTS = 20_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** How long the close waits for the facts on their way; what is not recorded by then is published again. */
const CLOSE_LIMIT_MS = 3_000;

/** The collaborators of the review queue. */
export interface ReviewQueueParts {
  readonly reviews: Pick<FileReview, 'review'>;
  readonly settling: Settling;
  readonly clock: Clock;
  readonly events: ReviewSink;
}

/**
 * The paths that may have changed. Each is reviewed until it has settled and its fact is published: a path once at a time,
 * so that its facts keep their order, and a limited number of paths at once.
 */
export class ReviewQueue {
  readonly #toReview = new Map<string, Origin>();
  readonly #inReview = new Map<string, Promise<void>>();
  #reviewEnded = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #pausedUntilMs = 0;
  #pauseMs = 0;
  #isClosed = false;

  constructor(private readonly parts: ReviewQueueParts) {}

  /** Number of paths that wait for a review, are in review or settle. */
  get waiting(): number {
    return this.#toReview.size + this.#inReview.size + this.parts.settling.size;
  }

  /** Adds a path that was reported. */
  hint(path: string): void {
    if (this.waiting >= ROOM_FOR_HINTS) this.parts.events.push({ kind: 'hint-dropped' });
    else this.#add(path, 'hint');
  }

  /** Adds a path that a scan came across; resolves when there is room for more. */
  async consider(path: string): Promise<void> {
    if (!this.#toReview.has(path)) this.#add(path, 'scan');
    while (this.waiting >= ROOM_FOR_SCANS && !this.#isClosed) await this.#reviewEnded.promise;
  }

  /** Starts no more reviews, and waits a limited time for those that run. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#reviewEnded.resolve();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, CLOSE_LIMIT_MS);
    await Promise.race([Promise.all(this.#inReview.values()), limit.promise]);
    clearTimeout(timer);
  }

  #add(path: string, origin: Origin): void {
    this.#toReview.set(path, origin);
    this.#continue();
  }

  /** Starts what may start, and sets the timer for what comes next. */
  #continue(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const nowMs = this.parts.clock.steadyMs();
    if (nowMs < this.#pausedUntilMs) return this.#continueAt(this.#pausedUntilMs, nowMs);
    while (this.#inReview.size < CONCURRENCY) {
      const next = this.#takeNext(nowMs);
      if (!next) break;
      this.#begin(...next);
    }
    const { nextCheckAtMs } = this.parts.settling;
    if (nextCheckAtMs !== undefined && this.#inReview.size < CONCURRENCY) this.#continueAt(nextCheckAtMs, nowMs);
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
    const review = this.parts.reviews.review(path, origin).then(
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
    this.parts.events.push({ kind: 'reviewed', path });
  }

  #succeeded(): void {
    if (this.#pauseMs === 0) return;
    this.#pauseMs = 0;
    this.parts.events.push({ kind: 'reviews-recovered' });
  }

  /** Whatever makes one fact fail, such as a broker that is away, is likely to make all fail: everything pauses. */
  #failed(path: string, origin: Origin, error: unknown): void {
    if (this.#isClosed) return;
    if (!this.#toReview.has(path)) this.#toReview.set(path, origin);
    const nowMs = this.parts.clock.steadyMs();
    if (nowMs < this.#pausedUntilMs) return;
    if (this.#pauseMs === 0) this.parts.events.push({ kind: 'reviews-failing', error });
    this.#pauseMs = Math.min(this.#pauseMs * 2 || FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#pausedUntilMs = nowMs + this.#pauseMs;
  }
}
