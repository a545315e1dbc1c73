import { FairQueue } from './fair-queue.ts';

/** What may flow at once after a pause, as seconds of the limit; it also makes up for a timer that comes late. */
const BURST_SECONDS = 0.2;

/**
 * Admits bytes at a limited rate, in fair order. A large item is admitted as soon as there is anything to spend, and
 * those after it wait for what it took too much: over a time the bytes are those of the limit, at most one item and
 * the burst more.
 */
export class FairLimiter<T> {
  readonly #queue = new FairQueue<T>();
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #tokens = 0;
  #countedAtMs: number;
  #waitingBytes = 0;

  constructor(nowMs: number) {
    this.#countedAtMs = nowMs;
  }

  /** The bytes that wait. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Changes the limit from now on; null is none. */
  limit(bytesPerSecond: number | null, nowMs: number): void {
    this.#earn(nowMs);
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#tokens = Math.min(this.#tokens, this.#burst);
    if (bytesPerSecond === null) this.#tokens = 0;
  }

  /** Lets an item wait for its bytes. */
  push(path: readonly string[], bytes: number, item: T): void {
    this.#queue.push(path, bytes, item);
    this.#waitingBytes += bytes;
  }

  /** Lets those of the path go that no longer want to wait. */
  remove(path: readonly string[], isUnwanted: (item: T) => boolean): void {
    this.#waitingBytes -= this.#queue.remove(path, isUnwanted);
  }

  /** The items whose bytes may flow now, each with its bytes. */
  *admit(nowMs: number): Generator<{ bytes: number; item: T }> {
    this.#earn(nowMs);
    while (this.#queue.size > 0 && this.#canSpend) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#tokens -= this.#bytesPerSecond === Number.POSITIVE_INFINITY ? 0 : next.bytes;
      this.#waitingBytes -= next.bytes;
      yield next;
    }
  }

  /** Takes out all that wait, whether their bytes may flow or not. */
  *clear(): Generator<T> {
    this.#waitingBytes = 0;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) yield next.item;
  }

  /** In how many milliseconds the next item is admitted; infinite when none waits, or the limit is nought. */
  get dueInMs(): number {
    if (this.#queue.size === 0) return Number.POSITIVE_INFINITY;
    if (this.#canSpend) return 0;
    if (this.#bytesPerSecond === 0) return Number.POSITIVE_INFINITY;
    return Math.ceil((-this.#tokens / this.#bytesPerSecond) * 1_000) + 1;
  }

  get #canSpend(): boolean {
    return this.#bytesPerSecond === Number.POSITIVE_INFINITY || this.#tokens > 0;
  }

  get #burst(): number {
    return this.#bytesPerSecond * BURST_SECONDS;
  }

  #earn(nowMs: number): void {
    const seconds = Math.max(0, nowMs - this.#countedAtMs) / 1_000;
    this.#countedAtMs = nowMs;
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#bytesPerSecond);
  }
}
