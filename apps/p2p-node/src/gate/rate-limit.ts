/** How often something may happen: `burst` at once, and then so many a minute. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

interface Allowance {
  left: number;
  atMs: number;
}

/** Counts what each of many askers does, in bounded memory: who has waited for the longest is forgotten first. */
export class RateLimit {
  readonly #ofKey = new Map<string, Allowance>();

  constructor(
    private readonly rate: Rate,
    private readonly mostKeys: number,
  ) {}

  /** Whether the asker may go on; it is counted when it may. */
  take(key: string, nowMs: number): boolean {
    const { left, atMs } = this.#ofKey.get(key) ?? { left: this.rate.burst, atMs: nowMs };
    const refilled = Math.min(this.rate.burst, left + (Math.max(0, nowMs - atMs) / 60_000) * this.rate.perMinute);
    const isAllowed = refilled >= 1;
    this.#ofKey.delete(key);
    this.#ofKey.set(key, { left: isAllowed ? refilled - 1 : refilled, atMs: nowMs });
    if (this.#ofKey.size > this.mostKeys) this.#ofKey.delete(this.#ofKey.keys().next().value as string);
    return isAllowed;
  }
}
