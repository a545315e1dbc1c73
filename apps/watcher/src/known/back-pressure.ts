/** How many facts are published between two checks of the backlog. */
const FACTS_A_CHECK = 250;
/** So many facts keep transfer busy for seconds; more would only delay the next change. */
const MOST_WAITING = 1_000;

/** Holds facts back while transfer has enough to do: a burst of files becomes a steady flow. */
export class BackPressure {
  #published = 0;
  #checking: Promise<void> | undefined;

  constructor(
    /** Number of facts that wait for transfer; null when it has never subscribed. */
    private readonly backlog: () => Promise<number | null>,
    /** Gives transfer a moment to work; rejects when the service stops. */
    private readonly pause: () => Promise<void>,
  ) {}

  /** Resolves when one more fact may be published; rejects when the backlog is unknown or the service stops. */
  async turn(): Promise<void> {
    if (this.#checking) return this.#checking;
    this.#published += 1;
    if (this.#published % FACTS_A_CHECK !== 0) return;
    this.#checking = this.#untilRoom().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #untilRoom(): Promise<void> {
    while (((await this.backlog()) ?? 0) > MOST_WAITING) await this.pause();
  }
}
