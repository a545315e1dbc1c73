/** The work that has begun and not ended, so that a stopping service can wait for it. */
export class InFlight {
  readonly #work = new Set<Promise<void>>();

  /** Keeps the work until it has ended; it must settle its own errors. */
  add(work: Promise<void>): void {
    const kept = work.finally(() => this.#work.delete(kept));
    this.#work.add(kept);
  }

  /** Resolves when all of the present work has ended. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#work);
  }
}
