import { MOST_PARTIAL_DOCUMENTS, PartialDocumentsOffered } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { PartialDocuments } from './partial-documents.ts';

/** p2p-node forgets documents that are not signalled again for a while. */
const SIGNAL_EVERY_MS = 5_000;

/** Signals to p2p-node, at a fixed interval, which documents are offered in part. */
export class PartialNotices {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly partials: PartialDocuments,
    private readonly bus: Pick<Bus, 'signal'>,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#signal(), SIGNAL_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #signal(): void {
    const documentIds = this.partials.documentIds.slice(0, MOST_PARTIAL_DOCUMENTS);
    if (documentIds.length > 0) this.bus.signal(PartialDocumentsOffered, { documentIds });
  }
}
