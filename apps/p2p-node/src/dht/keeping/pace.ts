const MOST_REMEMBERED = 10_000;

/** Delays the steps of each key to a steady rate after a burst. */
export class Pace {
  /** When each would be done, had it gone at the steady rate. */
  readonly #doneAtMs = new Map<string, number>();

  constructor(private readonly limit: { readonly perSecond: number; readonly burst: number }) {}

  /** Counts one step of a key; returns how long it must wait before the step, in ms. */
  waitMs(who: string, nowMs: number): number {
    const doneAtMs = Math.max(nowMs, this.#doneAtMs.get(who) ?? 0) + 1_000 / this.limit.perSecond;
    this.#doneAtMs.set(who, doneAtMs);
    if (this.#doneAtMs.size > MOST_REMEMBERED) this.#forgetIdle(nowMs);
    return Math.max(0, doneAtMs - nowMs - (this.limit.burst * 1_000) / this.limit.perSecond);
  }

  #forgetIdle(nowMs: number): void {
    for (const [who, doneAtMs] of this.#doneAtMs) if (doneAtMs <= nowMs) this.#doneAtMs.delete(who);
  }
}
