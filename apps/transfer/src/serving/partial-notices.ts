import { MOST_PARTIAL_DOCUMENTS, PartialDocumentsOffered } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { PartialDocuments } from './partial-documents.ts';

/** Said so often: p2p-node forgets what it has not heard of for a while. */
const SAY_EVERY_MS = 5_000;

/** Tells p2p-node again and again which documents can be had here in part. */
export class PartialNotices {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly partials: PartialDocuments,
    private readonly bus: Pick<Bus, 'signal'>,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#say(), SAY_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #say(): void {
    const documentIds = this.partials.documentIds.slice(0, MOST_PARTIAL_DOCUMENTS);
    if (documentIds.length > 0) this.bus.signal(PartialDocumentsOffered, { documentIds });
  }
}
