/** What decides who goes first: the more urgent, then the rarer document, then who has waited longer. */
export interface Claim {
  /** The higher, the more urgent. */
  readonly priority: number;
  /** From how many peers the document comes now. */
  readonly sources: number;
}

interface Waiting {
  /** Called whenever a slot is free: a document may become rarer while it waits. */
  readonly claim: () => Claim;
  readonly resolve: (release: () => void) => void;
}

/** The requests that may be open at one peer at once, shared by all documents that come from it. */
export class RequestSlots {
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /** @param capacity how many there are now */
  constructor(private readonly capacity: () => number) {}

  /** Resolves, when it is this document's turn, with the function that gives the slot back; rejects when the signal aborts. */
  async take(claim: () => Claim, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const waiting = { claim, resolve };
    const leave = () => {
      if (this.#waiting.delete(waiting)) reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener('abort', leave, { once: true });
    this.#grant();
    return promise.finally(() => signal.removeEventListener('abort', leave));
  }

  #grant(): void {
    while (this.#waiting.size > 0 && this.#taken < this.capacity()) {
      const first = [...this.#waiting].reduce((best, each) => (goesBefore(each.claim(), best.claim()) ? each : best));
      this.#waiting.delete(first);
      this.#taken += 1;
      first.resolve(() => {
        this.#taken -= 1;
        this.#grant();
      });
    }
  }
}

const goesBefore = (a: Claim, b: Claim): boolean =>
  a.priority === b.priority ? a.sources < b.sources : a.priority > b.priority;
