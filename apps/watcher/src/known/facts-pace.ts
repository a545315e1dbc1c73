/** How many facts are published between two looks at the backlog. */
const FACTS_A_LOOK = 250;
/** Transfer has work enough for seconds with so many facts; more would only lengthen the queue before the next change. */
const MOST_WAITING = 1_000;

/** Holds facts back while transfer has enough to do: a burst of files becomes a steady flow. */
export class FactsPace {
  #published = 0;
  #looking: Promise<void> | undefined;

  constructor(
    /** How many facts wait for transfer; null when it has never been there. */
    private readonly backlog: () => Promise<number | null>,
    /** Lets transfer work for a moment; rejects when the service stops. */
    private readonly pause: () => Promise<void>,
  ) {}

  /** Resolves when one more fact may be published; rejects when the backlog can't be told, or the service stops. */
  async turn(): Promise<void> {
    if (this.#looking) return this.#looking;
    this.#published += 1;
    if (this.#published % FACTS_A_LOOK !== 0) return;
    this.#looking = this.#untilRoom().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #untilRoom(): Promise<void> {
    while (((await this.backlog()) ?? 0) > MOST_WAITING) await this.pause();
  }
}
