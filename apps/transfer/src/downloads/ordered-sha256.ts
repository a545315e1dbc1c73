import { createHash } from 'node:crypto';

/** Reads one piece back, and takes its memory again. */
export interface PieceReader {
  read(index: number): Promise<Buffer>;
  release(bytes: Buffer): void;
}

/** The SHA-256 of a document whose pieces come in any order: each is hashed as soon as all before it are there. */
export class OrderedSha256 {
  readonly #sha256 = createHash('sha256');
  readonly #isThere: Uint8Array;
  #next = 0;
  #isAdvancing = false;
  #advance: Promise<void> = Promise.resolve();

  constructor(
    private readonly count: number,
    private readonly pieces: PieceReader,
  ) {
    this.#isThere = new Uint8Array(count);
  }

  /** Notes that a piece can be read. */
  add(index: number): void {
    this.#isThere[index] = 1;
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    this.#advance = this.#hashWhatIsThere();
    this.#advance.catch(() => {}); // digest() tells
  }

  /** The hash in hex, when every piece has been added; rejects when one could not be read. */
  async digest(): Promise<string> {
    await this.#advance;
    if (this.#next < this.count) throw new Error(`piece ${this.#next} is missing`);
    return this.#sha256.digest('hex');
  }

  async #hashWhatIsThere(): Promise<void> {
    for (; this.#isThere[this.#next]; this.#next++) {
      const bytes = await this.pieces.read(this.#next);
      this.#sha256.update(bytes);
      this.pieces.release(bytes);
    }
    this.#isAdvancing = false;
  }
}
