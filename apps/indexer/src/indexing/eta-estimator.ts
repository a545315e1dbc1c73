/** The rate is measured over this time. */
const WINDOW_MS = 60_000;

interface Sample {
  readonly atMs: number;
  readonly waiting: number;
}

/** Estimates from samples of a backlog when it will be empty. */
export class EtaEstimator {
  #samples: readonly Sample[] = [];

  /** Adds a sample. */
  add(sample: Sample): void {
    this.#samples = [...this.#samples.filter(({ atMs }) => atMs >= sample.atMs - WINDOW_MS), sample];
  }

  /** Length of the backlog; null before the first sample. */
  get waiting(): number | null {
    return this.#samples.at(-1)?.waiting ?? null;
  }

  /** Seconds until the backlog is empty at the present rate; null while it does not shrink. */
  get secondsLeft(): number | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last) return null;
    if (last.waiting === 0) return 0;
    const done = first.waiting - last.waiting;
    return done > 0 ? Math.ceil((last.waiting * (last.atMs - first.atMs)) / done / 1_000) : null;
  }
}
