import { type Data, PartialDocumentsOffered, PeerOffended } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { PeerGuard } from '../gate/peer-guard.ts';

/** Re-sent every 5 s: three may be lost before an offer expires. */
const FORGET_AFTER_MS = 20_000;

/** Signals of transfer: which documents it offers in part, and which peers sent it wrong bytes. */
export class TransferNotices {
  /** Expiry of each partial document's offer. */
  readonly #partial = new Map<string, number>();
  readonly #stopping = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly bus: Pick<Bus, 'watch'>,
    private readonly guard: Pick<PeerGuard, 'report'>,
    private readonly clock: () => number,
  ) {}

  start(): void {
    this.#watching = Promise.all([this.#watchOffers(), this.#watchMisbehaviour()]);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  /** Whether transfer serves pieces of the document although it is not complete. */
  isOffered(documentId: string): boolean {
    return (this.#partial.get(documentId) ?? 0) > this.clock();
  }

  async #watchOffers(): Promise<void> {
    for await (const notice of this.bus.watch(PartialDocumentsOffered, this.#stopping.signal)) this.#remember(notice);
  }

  async #watchMisbehaviour(): Promise<void> {
    for await (const { peerId, kind } of this.bus.watch(PeerOffended, this.#stopping.signal))
      this.guard.report(peerId, kind);
  }

  #remember({ documentIds }: Data<typeof PartialDocumentsOffered>): void {
    const nowMs = this.clock();
    for (const [documentId, untilMs] of this.#partial) if (untilMs <= nowMs) this.#partial.delete(documentId);
    for (const documentId of documentIds) this.#partial.set(documentId, nowMs + FORGET_AFTER_MS);
  }
}
