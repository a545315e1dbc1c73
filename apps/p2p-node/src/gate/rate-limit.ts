/** Rate: `burst` at once, then `perMinute`. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

interface Allowance {
  left: number;
  atMs: number;
}

/** Rate limiter for many keys in bounded memory: the key used longest ago is forgotten first. */
export class RateLimit {
  readonly #ofKey = new Map<string, Allowance>();

  constructor(
    private readonly rate: Rate,
    private readonly mostKeys: number,
  ) {}

  /** Takes one permit of the key; returns false when none is left. */
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
