import type { Description } from '../wire/messages.ts';
import { DocumentOpening, type WantedDocument } from './document-opening.ts';
import type { DocumentPieces, PieceDestination } from './document-pieces.ts';
import { DocumentSources } from './sources/document-sources.ts';
import type { FetchTools } from './fetch-tools.ts';

/** How long no source must have been able to give any of the remaining pieces before they are called missing. */
const STALLED_AFTER_MS = 3_000;
/** Characters of a reason given by a peer that are shown. */
const LONGEST_REASON = 200;
const AGAIN = 'It is tried again within a minute.';

/** What keeps a fetch from going on: nobody has the document, or nobody has the pieces that are missing. */
export interface FetchObstacle {
  readonly of: 'sources' | 'pieces';
  /** For people. */
  readonly reason: string;
}

/** Fetches one document from every peer that has some of it at once, into a file in which each piece is verified. */
export class DocumentFetch {
  readonly #opening: DocumentOpening;
  readonly #sources: DocumentSources;
  readonly #ended = Promise.withResolvers<void>();
  #verifying: Promise<void> = Promise.resolve();
  #stalledSinceMs: number | null = null;
  #isEnding = false;

  constructor(
    private readonly document: WantedDocument,
    destination: PieceDestination,
    private readonly tools: FetchTools,
  ) {
    this.#opening = new DocumentOpening(document, destination, tools);
    this.#sources = new DocumentSources(document, this.#opening, tools);
    this.#ended.promise.catch(() => {}); // it may fail after the race is decided
  }

  /** What peers call the document; undefined until one of them has described it. */
  get description(): Description | undefined {
    return this.#opening.description;
  }

  /** The document's pieces; undefined until its manifest is known. */
  get pieces(): DocumentPieces | undefined {
    return this.#opening.pieces;
  }

  get bytesBySource(): ReadonlyMap<string, number> {
    return this.pieces?.bytesBySource ?? this.document.bytesBySource;
  }

  /** Why nothing can be fetched now; null when nothing is in the way. */
  get obstacle(): FetchObstacle | null {
    const scheduler = this.pieces?.scheduler;
    if (scheduler?.isComplete) return null;
    if (!scheduler || scheduler.sources === 0) {
      this.#stalledSinceMs = null;
      return { of: 'sources', reason: this.#whyNoSource() };
    }
    if (!scheduler.isStalled) {
      this.#stalledSinceMs = null;
      return null;
    }
    this.#stalledSinceMs ??= performance.now();
    if (performance.now() - this.#stalledSinceMs < STALLED_AFTER_MS) return null;
    return { of: 'pieces', reason: this.#whyPiecesAreMissing(scheduler.sources) };
  }

  /**
   * Resolves when every piece is verified and on the disk itself; rejects with a {@link LocalFailure}, or for good.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    this.#opening.opened.then(
      (pieces) => (this.#verifying = this.#followPieces(pieces, running)),
      () => {}, // the sources fail of it as well
    );
    const fetching = this.#opening.resume().then(() => this.#sources.run(running));
    try {
      await Promise.race([this.#ended.promise, fetching]);
      signal.throwIfAborted();
      await this.#ended.promise;
    } finally {
      stop.abort();
      await Promise.allSettled([fetching, this.#verifying]);
    }
  }

  /** Asks all sources again at once. */
  retry(): void {
    this.#sources.retry();
  }

  /** Ends the offer of the document to peers, and closes its file. */
  async close(): Promise<void> {
    await this.pieces?.close();
  }

  async #followPieces(pieces: DocumentPieces, signal: AbortSignal): Promise<void> {
    pieces.events.on('written', () => this.#endIfComplete(pieces));
    try {
      const damaged = await pieces.verifyEarlierPieces(signal);
      if (damaged > 0) this.tools.logger.warn({ damaged }, 'pieces of an earlier run damaged, fetching them again');
      this.#endIfComplete(pieces);
    } catch (error) {
      this.#ended.reject(error);
    }
  }

  #endIfComplete(pieces: DocumentPieces): void {
    if (this.#isEnding || !pieces.isComplete) return;
    this.#isEnding = true;
    pieces.sync().then(this.#ended.resolve, this.#ended.reject);
  }

  #whyNoSource(): string {
    const { askedInVain: asked, sources, latestRefusal } = this.#sources;
    if (asked === null) return 'Peers that have this document are looked for.';
    if (asked === 0 && sources > 0) return 'Peers that may have this document are asked.';
    if (asked === 0) return 'No peer is known that has this document. It is looked for again every few seconds.';
    const who = asked === 1 ? 'The only peer that was asked cannot' : `None of the ${asked} peers that were asked can`;
    const why = latestRefusal === null ? '' : ` (${latestRefusal.slice(0, LONGEST_REASON)})`;
    return `${who} give this document now${why}. ${AGAIN}`;
  }

  #whyPiecesAreMissing(sources: number): string {
    const { manifest, bytesDone } = this.pieces ?? { manifest: { sizeBytes: 0 }, bytesDone: 0 };
    const missing = manifest.sizeBytes - bytesDone;
    const who = sources === 1 ? 'The only source cannot' : `None of the ${sources} sources can`;
    return `${who} give the ${missing} bytes that are missing. ${AGAIN}`;
  }
}
