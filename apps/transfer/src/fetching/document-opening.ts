import type { Manifest, nodeCid } from '@allibrary/core';
import { Condition } from './condition.ts';
import type { Session } from '../peers/peer-sessions.ts';
import type { Description } from '../wire/messages.ts';
import { DocumentPieces, type PieceDestination } from './document-pieces.ts';
import type { FetchTools } from './fetch-tools.ts';
import { type ObtainedManifest, manifestFromStore, obtainManifest } from './obtain-manifest.ts';

/** How long to wait for a peer to describe the document before the next one is asked as well. */
const NEXT_PEER_AFTER_MS = 1_000;

/** A document that somebody wants, with what is known of it from earlier runs. */
export interface WantedDocument {
  readonly cid: ReturnType<typeof nodeCid>;
  readonly description: Description | undefined;
  readonly bytesBySource: ReadonlyMap<string, number>;
  /** The higher, the more urgent. */
  readonly priority: number;
}

/** Learns what a document consists of, from an earlier run or from the first peer that knows it, and opens its file. */
export class DocumentOpening {
  description: Description | undefined;
  pieces: DocumentPieces | undefined;
  readonly #opened = Promise.withResolvers<DocumentPieces>();
  readonly #learned = new AbortController();
  readonly #askNext = new Condition();
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #opening: Promise<DocumentPieces> | undefined;

  constructor(
    private readonly document: WantedDocument,
    private readonly destination: PieceDestination,
    private readonly tools: FetchTools,
  ) {
    this.description = document.description;
    this.#opened.promise.catch(() => {}); // nobody may be waiting
  }

  /** Resolves when the file is open; rejects when it can't be opened. */
  get opened(): Promise<DocumentPieces> {
    return this.#opened.promise;
  }

  /** Opens what an earlier run has left, so that it is offered to others even while there is no source. */
  async resume(): Promise<void> {
    const manifest = this.description && (await manifestFromStore(this.document.cid, this.tools.manifests));
    if (manifest && this.description) await this.#open(manifest, this.description).catch(() => {}); // `opened` rejects
  }

  /** Returns the opened pieces, after it has learned from this or another peer what the document consists of. */
  async learnFrom({ client }: Session, peerId: string, signal: AbortSignal): Promise<DocumentPieces> {
    while (!this.pieces) {
      const waitMs = this.#askedAtMs + NEXT_PEER_AFTER_MS - performance.now();
      if (waitMs > 0) {
        await this.#askNext.wait(waitMs, signal);
        signal.throwIfAborted();
        continue;
      }
      this.#askedAtMs = performance.now();
      await this.#ask(client, peerId, AbortSignal.any([signal, this.#learned.signal]));
    }
    return this.pieces;
  }

  async #ask(client: Session['client'], peerId: string, signal: AbortSignal): Promise<void> {
    const { cid } = this.document;
    let obtained: ObtainedManifest;
    let description: Description;
    try {
      // Each peer must describe the document itself: the manifest shows whether the size that it gave is right.
      description = await client.describe(cid, signal);
      obtained = await obtainManifest(cid, client, description, this.tools.manifests, signal);
    } catch (error) {
      if (this.#learned.signal.aborted) return; // another peer was faster
      this.#askedAtMs = Number.NEGATIVE_INFINITY;
      this.#askNext.notify();
      throw error;
    }
    this.description ??= description;
    const pieces = await this.#open(obtained.manifest, this.description);
    if (obtained.onlyPiece && !pieces.scheduler.isComplete)
      this.tools.observer.pieceReceived(await pieces.keep(peerId, 0, obtained.onlyPiece));
  }

  /** Opens the file once, whoever described the document first. */
  async #open(manifest: Manifest, description: Description): Promise<DocumentPieces> {
    const { destination, tools, document } = this;
    const { bytesBySource } = document;
    const described = { documentId: document.cid.toString(), manifest, description, bytesBySource };
    this.#opening ??= DocumentPieces.open(described, { destination, partials: tools.partials, pool: tools.pool });
    this.#opening.then(this.#opened.resolve, this.#opened.reject);
    this.pieces = await this.#opening;
    this.#learned.abort();
    this.#askNext.notify();
    return this.pieces;
  }
}
