/** Runs work on one key after all earlier work on that key; work on different keys runs side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves or rejects as the work does; earlier failures are reported to their own callers. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before
      .catch(() => {})
      .then(work)
      .finally(() => {
        if (this.#last.get(key) === turn) this.#last.delete(key);
      });
    this.#last.set(key, turn);
    return turn;
  }

  /** Number of keys that have work. */
  get size(): number {
    return this.#last.size;
  }
}
