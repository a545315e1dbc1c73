const WINDOW_MS = 2_000;
const BUCKET_MS = 250;
const BUCKETS = WINDOW_MS / BUCKET_MS;

/** Averages a flow of bytes over the last two seconds. */
export class RateMeter {
  readonly #bytes = new Float64Array(BUCKETS);
  /** The start of each bucket, counted in buckets since the start of the clock. */
  readonly #moments = new Float64Array(BUCKETS).fill(-1);

  /** Counts bytes that flowed at the given moment. */
  add(bytes: number, nowMs: number): void {
    const moment = Math.floor(nowMs / BUCKET_MS);
    const bucket = moment % BUCKETS;
    if (this.#moments[bucket] !== moment) {
      this.#moments[bucket] = moment;
      this.#bytes[bucket] = 0;
    }
    this.#bytes[bucket] = (this.#bytes[bucket] ?? 0) + bytes;
  }

  /** Bytes per second up to the given moment. */
  bytesPerSecond(nowMs: number): number {
    const oldest = Math.floor(nowMs / BUCKET_MS) - BUCKETS + 1;
    let sum = 0;
    for (const [bucket, moment] of this.#moments.entries()) if (moment >= oldest) sum += this.#bytes[bucket] ?? 0;
    return (sum * 1_000) / WINDOW_MS;
  }
}
