const WINDOW_SECONDS = 5;

/** Averages a flow of bytes over the last five seconds. */
export class RateMeter {
  readonly #buckets = new Float64Array(WINDOW_SECONDS);
  readonly #seconds = new Float64Array(WINDOW_SECONDS).fill(-1);

  /** Counts bytes that flowed at the given moment. */
  add(bytes: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const bucket = second % WINDOW_SECONDS;
    if (this.#seconds[bucket] !== second) {
      this.#seconds[bucket] = second;
      this.#buckets[bucket] = 0;
    }
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + bytes;
  }

  /** Bytes per second up to the given moment. */
  bytesPerSecond(nowMs: number): number {
    const oldest = Math.floor(nowMs / 1_000) - WINDOW_SECONDS + 1;
    let sum = 0;
    for (const [bucket, second] of this.#seconds.entries()) if (second >= oldest) sum += this.#buckets[bucket] ?? 0;
    return sum / WINDOW_SECONDS;
  }
}
