import { type Data, PartialDocumentsOffered, PeerOffended } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { PeerGuard } from '../gate/peer-guard.ts';

/** Three notices may be missed before a document counts as no longer offered. */
const FORGET_AFTER_MS = 20_000;

/** What transfer has noticed: which documents can be had here in part, and which peers sent it wrong bytes. */
export class TransferNotices {
  /** Until when each partial document counts as offered. */
  readonly #partial = new Map<string, number>();
  readonly #stopping = new AbortController();
  #listening: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly bus: Pick<Bus, 'watch'>,
    private readonly guard: Pick<PeerGuard, 'offend'>,
    private readonly clock: () => number,
  ) {}

  start(): void {
    this.#listening = Promise.all([this.#hearOffers(), this.#hearOffences()]);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#listening;
  }

  /** Whether peers can have pieces of the document here, though it is not whole. */
  isOffered(documentId: string): boolean {
    return (this.#partial.get(documentId) ?? 0) > this.clock();
  }

  async #hearOffers(): Promise<void> {
    for await (const notice of this.bus.watch(PartialDocumentsOffered, this.#stopping.signal)) this.#remember(notice);
  }

  async #hearOffences(): Promise<void> {
    for await (const { peerId } of this.bus.watch(PeerOffended, this.#stopping.signal)) {
      this.guard.offend(peerId, 'wrong-bytes');
    }
  }

  #remember({ documentIds }: Data<typeof PartialDocumentsOffered>): void {
    const nowMs = this.clock();
    for (const [documentId, untilMs] of this.#partial) if (untilMs <= nowMs) this.#partial.delete(documentId);
    for (const documentId of documentIds) this.#partial.set(documentId, nowMs + FORGET_AFTER_MS);
  }
}
