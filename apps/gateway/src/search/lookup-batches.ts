import type { DocumentId } from '@allibrary/contracts';

/** The most documents of one lookup. */
export const MAX_BATCH = 500;
/** Documents that are added within this time share a lookup. */
export const COLLECT_MS = 100;

/** Collects documents, so that one request looks up many of them, and each of them once. */
export class LookupBatches {
  readonly #seen = new Set<DocumentId>();
  #waiting: DocumentId[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #lookups: Promise<void>[] = [];

  constructor(private readonly lookUp: (documentIds: DocumentId[]) => Promise<void>) {}

  /** Adds documents; those that were added before are ignored. */
  add(documentIds: readonly DocumentId[]): void {
    for (const documentId of documentIds) {
      if (this.#seen.has(documentId)) continue;
      this.#seen.add(documentId);
      this.#waiting.push(documentId);
    }
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#flush(), COLLECT_MS);
  }

  /** Looks up what still waits; resolves when all lookups have ended. */
  async finish(): Promise<void> {
    this.#flush();
    await Promise.all(this.#lookups);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) this.#lookups.push(this.lookUp(this.#waiting.splice(0, MAX_BATCH)));
  }
}
