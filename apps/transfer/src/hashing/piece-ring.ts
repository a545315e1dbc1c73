import { PIECE_BYTES } from '@allibrary/core';

const SLOTS = 8;

// Cells of the control block.
const FILLED = 0;
const TAKEN = 1;
const ENDED = 2;
const CELLS = 3;

/** The memory of a ring, as it is handed to both of its threads. */
export interface RingMemory {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
}

/** Makes the memory of a ring: 8 MiB of pieces and its control block. */
export const ringMemory = (): RingMemory => ({
  control: new SharedArrayBuffer((CELLS + SLOTS) * Int32Array.BYTES_PER_ELEMENT),
  slots: new SharedArrayBuffer(SLOTS * PIECE_BYTES),
});

/**
 * Pieces on their way from the thread that reads a file to the one that hashes it as a whole: one reader, one taker.
 * Both wait in place: each is a thread of its own, whose death the main thread sees.
 */
export class PieceRing {
  readonly #control: Int32Array;
  readonly #slots: Buffer[];

  constructor({ control, slots }: RingMemory) {
    this.#control = new Int32Array(control);
    this.#slots = Array.from({ length: SLOTS }, (_, slot) => Buffer.from(slots, slot * PIECE_BYTES, PIECE_BYTES));
  }

  /** Empties the ring for the next file; neither thread may be at work. */
  reset(): void {
    this.#control.fill(0);
  }

  /** The slot to read the next piece into, as soon as the taker has left it. */
  nextSlot(): Buffer {
    const filled = Atomics.load(this.#control, FILLED);
    for (;;) {
      const taken = Atomics.load(this.#control, TAKEN);
      if (filled - taken < SLOTS) return this.#slot(filled);
      Atomics.wait(this.#control, TAKEN, taken);
    }
  }

  /** Hands over the slot, of which the first `sizeBytes` are the piece. */
  fill(sizeBytes: number): void {
    const filled = Atomics.load(this.#control, FILLED);
    Atomics.store(this.#control, CELLS + (filled % SLOTS), sizeBytes);
    this.#advance(FILLED);
  }

  /** Says that no piece follows. */
  end(): void {
    Atomics.store(this.#control, ENDED, 1);
    Atomics.notify(this.#control, FILLED);
  }

  /** The pieces in order; each is the taker's until it asks for the next. */
  *pieces(): Generator<Buffer> {
    for (let taken = 0; ; taken++) {
      while (Atomics.load(this.#control, FILLED) === taken) {
        if (Atomics.load(this.#control, ENDED) === 1) return;
        // Bounded, for the end may be said between the look and the wait.
        Atomics.wait(this.#control, FILLED, taken, 50);
      }
      yield this.#slot(taken).subarray(0, Atomics.load(this.#control, CELLS + (taken % SLOTS)));
      this.#advance(TAKEN);
    }
  }

  #slot(number: number): Buffer {
    return this.#slots[number % SLOTS] as Buffer;
  }

  #advance(cell: number): void {
    Atomics.add(this.#control, cell, 1);
    Atomics.notify(this.#control, cell);
  }
}
