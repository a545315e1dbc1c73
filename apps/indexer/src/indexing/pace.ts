/** The pace of so long is what is gone by. */
const WINDOW_MS = 60_000;

interface Sample {
  readonly atMs: number;
  readonly waiting: number;
}

/** How fast waiting work gets less, by looking at it now and then. */
export class Pace {
  #samples: readonly Sample[] = [];

  /** Takes note of how much waits now. */
  add(sample: Sample): void {
    this.#samples = [...this.#samples.filter(({ atMs }) => atMs >= sample.atMs - WINDOW_MS), sample];
  }

  /** How much waits; null before anybody looked. */
  get waiting(): number | null {
    return this.#samples.at(-1)?.waiting ?? null;
  }

  /** How long it takes until nothing waits, if it goes on like this; null when it does not get less. */
  get secondsLeft(): number | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last) return null;
    if (last.waiting === 0) return 0;
    const done = first.waiting - last.waiting;
    return done > 0 ? Math.ceil((last.waiting * (last.atMs - first.atMs)) / done / 1_000) : null;
  }
}
