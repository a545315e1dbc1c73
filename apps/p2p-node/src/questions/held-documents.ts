const FRESH_MS = 10_000;
const MOST_REMEMBERED = 256;

/** Asks the peer which of the documents it holds; the answers are in the order of the documents. */
export type AskHeld = (documentIds: readonly string[]) => Promise<readonly boolean[]>;

interface Answer {
  readonly isHeld: Promise<boolean>;
  readonly askedAtMs: number;
}

/**
 * Which documents one peer holds, asked in batches. A question about one document also covers those that will be asked
 * about soon, so a node that mirrors a library sends one question for many documents. Such an answer is used once, and
 * only while it is fresh: a later look asks again.
 */
export class HeldDocuments {
  readonly #ahead = new Map<string, Answer>();

  constructor(
    private readonly ask: AskHeld,
    private readonly mostInQuestion: number,
    private readonly now: () => number,
  ) {}

  /** Whether the peer holds the document. */
  isHeld(documentId: string, soon: readonly string[]): Promise<boolean> {
    const known = this.#takeFresh(documentId);
    if (known) return known;
    const others = soon.filter((id) => id !== documentId && !this.#ahead.has(id));
    const asked = [documentId, ...new Set(others)].slice(0, this.mostInQuestion);
    const answer = this.ask(asked);
    const heldOf = async (index: number) => (await answer)[index] === true;
    for (const [index, id] of asked.entries()) if (index > 0) this.#remember(id, heldOf(index));
    return heldOf(0);
  }

  #takeFresh(documentId: string): Promise<boolean> | undefined {
    const nowMs = this.now();
    for (const [id, { askedAtMs }] of this.#ahead) {
      if (nowMs - askedAtMs <= FRESH_MS) break; // the oldest come first
      this.#ahead.delete(id);
    }
    const answer = this.#ahead.get(documentId);
    this.#ahead.delete(documentId);
    return answer?.isHeld;
  }

  #remember(documentId: string, isHeld: Promise<boolean>): void {
    isHeld.catch(() => this.#ahead.delete(documentId)); // the next look asks again
    this.#ahead.set(documentId, { isHeld, askedAtMs: this.now() });
    const [oldest] = this.#ahead.keys();
    if (this.#ahead.size > MOST_REMEMBERED && oldest !== undefined) this.#ahead.delete(oldest);
  }
}
