/**
 * The events of one owner, handed to it one at a time in the order of arrival. An event that arrives while another one is
 * handled waits for its turn.
 */
export class EventQueue<E> {
  readonly #waiting: E[] = [];
  #handle: ((event: E) => void) | undefined;
  #isHandling = false;
  #isClosed = false;

  /** Adds an event; after the close it is dropped. */
  push(event: E): void {
    if (this.#isClosed) return;
    this.#waiting.push(event);
    this.#drain();
  }

  /** Starts to hand out the events, including those that arrived before. */
  open(handle: (event: E) => void): void {
    this.#handle = handle;
    this.#drain();
  }

  /** Drops all events that wait. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  #drain(): void {
    if (!this.#handle || this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) this.#handle(event);
    } finally {
      this.#isHandling = false;
    }
  }
}
