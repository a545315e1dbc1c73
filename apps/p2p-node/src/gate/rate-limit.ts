/** Rate: `burst` at once, then `perMinute`. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

interface Allowance {
  readonly left: number;
  readonly atMs: number;
}

/** Token bucket for many keys in bounded memory: the key used longest ago is forgotten first. */
export class RateLimit {
  readonly #ofKey = new Map<string, Allowance>();

  constructor(
    private readonly rate: Rate,
    private readonly mostKeys: number,
  ) {}

  /** Takes one permit of the key; returns false when none is left. */
  take(key: string, nowMs: number): boolean {
    const refilled = this.#refilled(key, nowMs);
    const isAllowed = refilled >= 1;
    this.#ofKey.delete(key);
    this.#ofKey.set(key, { left: isAllowed ? refilled - 1 : refilled, atMs: nowMs });
    if (this.#ofKey.size > this.mostKeys) this.#ofKey.delete(this.#ofKey.keys().next().value as string);
    return isAllowed;
  }

  /** Milliseconds until the key has a permit; 0 when it has one. */
  waitMs(key: string, nowMs: number): number {
    const missing = 1 - this.#refilled(key, nowMs);
    return missing <= 0 ? 0 : Math.ceil((missing / this.rate.perMinute) * 60_000);
  }

  #refilled(key: string, nowMs: number): number {
    const { left, atMs } = this.#ofKey.get(key) ?? { left: this.rate.burst, atMs: nowMs };
    return Math.min(this.rate.burst, left + (Math.max(0, nowMs - atMs) / 60_000) * this.rate.perMinute);
  }
}
