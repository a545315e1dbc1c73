/** Wrong keys that an address may send at once, and how many more each minute: enough for a mistyped or changed key. */
const BURST = 10;
const PER_MINUTE = 10;
/** Delay of the answer to each further one. */
const DELAY_MS = 1_000;
/** Delayed answers to one address at the same time; beyond these its keys are refused unread. */
const MOST_WAITING = 16;
const MOST_WAITING_IN_TOTAL = 256;
/** Beyond these, the address with the oldest wrong key is forgotten. */
const MOST_ADDRESSES = 10_000;

interface Guesser {
  left: number;
  atMs: number;
  waiting: number;
}

/** Slows down guesses of the API key, in bounded memory. The right key is never delayed, but refused while {@link areTooMany}. */
export class KeyGuesses {
  readonly #guessers = new Map<string, Guesser>();
  #waiting = 0;

  constructor(
    private readonly now: () => number,
    private readonly delay: (ms: number) => Promise<void>,
  ) {}

  /** Whether too many answers to an address, or in total, are delayed: its next key is then refused unread. */
  areTooMany(address: string): boolean {
    const { waiting = 0 } = this.#guessers.get(address) ?? {};
    return waiting >= MOST_WAITING || this.#waiting >= MOST_WAITING_IN_TOTAL;
  }

  /** Counts a wrong key; resolves when its answer may be sent. */
  async count(address: string): Promise<void> {
    const guesser = this.#take(address);
    if (guesser.left >= 0) return;
    guesser.waiting += 1;
    this.#waiting += 1;
    try {
      await this.delay(DELAY_MS);
    } finally {
      guesser.waiting -= 1;
      this.#waiting -= 1;
    }
  }

  #take(address: string): Guesser {
    const nowMs = this.now();
    const guesser = this.#guessers.get(address) ?? { left: BURST, atMs: nowMs, waiting: 0 };
    const refilled = Math.max(0, guesser.left) + ((nowMs - guesser.atMs) / 60_000) * PER_MINUTE;
    Object.assign(guesser, { left: Math.min(BURST, refilled) - 1, atMs: nowMs });
    this.#guessers.delete(address);
    this.#guessers.set(address, guesser);
    if (this.#guessers.size > MOST_ADDRESSES) this.#forgetOldest();
    return guesser;
  }

  #forgetOldest(): void {
    const [oldest] = this.#guessers.keys();
    if (oldest !== undefined) this.#guessers.delete(oldest);
  }
}
