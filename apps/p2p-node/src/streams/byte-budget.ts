/** Counts the bytes that each holder has, and bounds their total. */
export class ByteBudget<T> {
  readonly #held = new Map<T, number>();
  #total = 0;

  constructor(private readonly mostInTotal: number) {}

  /** Sets how many bytes a holder has; returns the holder with most when the total is exceeded. */
  set(holder: T, bytes: number): T | undefined {
    this.#total += bytes - (this.#held.get(holder) ?? 0);
    if (bytes > 0) this.#held.set(holder, bytes);
    else this.#held.delete(holder);
    return this.#total > this.mostInTotal ? this.#largest() : undefined;
  }

  #largest(): T | undefined {
    let largest: T | undefined;
    let most = 0;
    for (const [holder, bytes] of this.#held) if (bytes > most) [largest, most] = [holder, bytes];
    return largest;
  }
}
