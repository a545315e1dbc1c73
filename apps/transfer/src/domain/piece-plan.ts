/** Which pieces of a download are still to be fetched, which are on their way, and which are on disk. */
export class PiecePlan {
  readonly #done: Uint8Array;
  /** Pieces that were given back, to be fetched before any further one. */
  readonly #returned: number[] = [];
  #next = 0;
  #doneCount = 0;

  constructor(
    readonly count: number,
    done: Iterable<number> = [],
  ) {
    this.#done = new Uint8Array(count);
    for (const index of done) this.finish(index);
  }

  get isComplete(): boolean {
    return this.#doneCount === this.count;
  }

  /** The next piece to ask for, the earliest first; undefined while all that is missing is on its way. */
  take(): number | undefined {
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    while (this.#next < this.count && this.#done[this.#next]) this.#next += 1;
    return this.#next < this.count ? this.#next++ : undefined;
  }

  /** Gives back a piece that did not come. */
  putBack(index: number): void {
    this.#returned.push(index);
    this.#returned.sort((a, b) => a - b);
  }

  /** Notes a piece that is verified and on disk. */
  finish(index: number): void {
    if (this.#done[index]) return;
    this.#done[index] = 1;
    this.#doneCount += 1;
  }
}
