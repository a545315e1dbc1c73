import BitField from 'bitfield';

/** Which pieces of a document somebody has. */
export class Holdings {
  readonly #bits: BitField;
  #held = 0;

  /** Of a document of this number of pieces: none of them, or those whose bits are set in a bitfield, the first bit first. */
  constructor(
    readonly pieces: number,
    bits: Uint8Array = new Uint8Array(Math.ceil(pieces / 8)),
  ) {
    this.#bits = new BitField(bits);
    for (let index = 0; index < pieces; index++) if (this.#bits.get(index)) this.#held += 1;
  }

  /** Whether all pieces are held. */
  get isWhole(): boolean {
    return this.#held === this.pieces;
  }

  /** Whether no piece is held. */
  get isEmpty(): boolean {
    return this.#held === 0;
  }

  /** Whether the piece is held; bits beyond the last piece mean nothing. */
  has(index: number): boolean {
    return index < this.pieces && this.#bits.get(index);
  }

  /** Adds a piece; false when it was held before, or there is no such piece. */
  add(index: number): boolean {
    if (index >= this.pieces || this.has(index)) return false;
    this.#bits.set(index);
    this.#held += 1;
    return true;
  }

  /** Takes a piece out; false when it was not held. */
  delete(index: number): boolean {
    if (!this.has(index)) return false;
    this.#bits.set(index, false);
    this.#held -= 1;
    return true;
  }

  /** The pieces that are held, in their order. */
  *indices(): Generator<number> {
    for (let index = 0; index < this.pieces; index++) if (this.has(index)) yield index;
  }

  /** A copy of the bitfield, the first bit first, for {@link Holdings}'s constructor. */
  toBytes(): Uint8Array {
    return this.#bits.buffer.slice(0, Math.ceil(this.pieces / 8));
  }

  /** All pieces of a document. */
  static whole(pieces: number): Holdings {
    return new Holdings(pieces, new Uint8Array(Math.ceil(pieces / 8)).fill(0xff));
  }
}
