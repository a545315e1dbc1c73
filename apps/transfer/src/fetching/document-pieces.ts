import { EventEmitter } from 'node:events';
import { type Manifest, pieceCount, pieceSizeBytes } from '@allibrary/core';
import type { OpenedFile } from '@allibrary/library';
import type { PartialDocuments, PartialOffer } from '../serving/partial-documents.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import { Holdings } from '../wire/holdings.ts';
import type { Description } from '../wire/messages.ts';
import { credit } from './credited-sources.ts';
import type { FetchedPiece } from './fetched-pieces.ts';
import { local } from './local-failure.ts';
import { type PartialFile, isPieceOf } from './partial-file.ts';
import { PieceScheduler } from './sources/piece-scheduler.ts';

/** Where the pieces of a document are written. */
export interface PieceDestination {
  /** Opens the file, or creates it, and finds what an earlier run has left. */
  open(manifest: Manifest): Promise<PartialFile>;
  /** Throws when the file may not be written to now. */
  assertWritable(): void;
}

/** What a document's pieces are opened with. */
export interface PieceStorage {
  readonly destination: PieceDestination;
  readonly partials: PartialDocuments;
  readonly pool: BufferPool;
}

/** A document whose pieces are fetched. */
export interface DescribedDocument {
  readonly documentId: string;
  readonly manifest: Manifest;
  readonly description: Description;
  /** Bytes that each peer has given in earlier runs. */
  readonly bytesBySource: ReadonlyMap<string, number>;
}

/**
 * The pieces of one document: which are here, and where the others go. Pieces that an earlier run left count as here at
 * once, but they are offered to peers, and the document is complete, only after they were read and verified again.
 */
export class DocumentPieces {
  /** Emits each piece that was written, so that nobody waits for it any more, and who brought it. */
  readonly events = new EventEmitter<{ written: [index: number, peerId: string] }>().setMaxListeners(0);
  readonly scheduler: PieceScheduler;
  readonly bytesBySource: Map<string, number>;
  bytesDone: number;
  readonly #offered: Holdings;
  readonly #offer: PartialOffer;

  private constructor(
    readonly manifest: Manifest,
    private readonly file: PartialFile,
    private readonly held: Holdings,
    private readonly storage: PieceStorage,
    { documentId, description, bytesBySource }: DescribedDocument,
  ) {
    const { name, mediaType } = description;
    this.bytesBySource = new Map(bytesBySource);
    const { sizeBytes } = manifest;
    this.bytesDone = bytesOf(manifest, held.indices());
    this.scheduler = new PieceScheduler(held, Math.random());
    this.#offered = new Holdings(pieceCount(sizeBytes));
    for (const index of held.indices()) if (!file.hasUnread(index)) this.#offered.add(index);
    this.#offer = storage.partials.offer(documentId, {
      description: { name, mediaType, sizeBytes },
      held: this.#offered,
      read: (index) => file.read(index, storage.pool),
      accept: (index, bytes) => this.#accept(index, bytes),
    });
  }

  /** Opens the file of a document and finds the pieces that an earlier run has left. */
  static async open(document: DescribedDocument, storage: PieceStorage): Promise<DocumentPieces> {
    const { manifest } = document;
    const file = await local(storage.destination.open(manifest));
    try {
      const held = new Holdings(pieceCount(manifest.sizeBytes));
      for await (const index of file.verifiedPieces(storage.pool)) held.add(index);
      return new DocumentPieces(manifest, file, held, storage, document);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Whether all pieces are here, and each was verified in this run. */
  get isComplete(): boolean {
    return this.scheduler.isComplete && !this.file.hasUnread();
  }

  /** Verifies a piece that a peer sent, writes it and gives its memory back. */
  async keep(peerId: string, index: number, bytes: Buffer): Promise<FetchedPiece> {
    const { destination, pool } = this.storage;
    try {
      if (!isPieceOf(this.manifest, index, bytes)) return 'wrong';
      if (this.held.has(index)) return 'spare';
      destination.assertWritable();
      await local(this.file.write(index, bytes));
    } finally {
      pool.give(bytes);
    }
    if (this.held.has(index)) return 'spare';
    this.scheduler.finish(peerId, index, performance.now());
    this.bytesDone += bytes.length;
    credit(this.bytesBySource, peerId, bytes.length);
    this.#offerPiece(index);
    this.events.emit('written', index, peerId);
    return 'right';
  }

  /** Reads again what an earlier run left: bytes may have been damaged since. What is damaged is fetched again. */
  async verifyEarlierPieces(signal: AbortSignal): Promise<number> {
    let damaged = 0;
    for (const index of this.file.unread()) {
      if (signal.aborted) break;
      if (await local(this.file.verify(index, this.storage.pool))) {
        this.#offerPiece(index);
        continue;
      }
      damaged += 1;
      this.#lose(index);
    }
    return damaged;
  }

  sizeOf(index: number): number {
    return pieceSizeBytes(this.manifest.sizeBytes, index);
  }

  /** Resolves when all that was written is on the disk itself. */
  sync(): Promise<void> {
    return local(this.file.sync());
  }

  /** The opened file of the document. */
  opened(): Promise<OpenedFile> {
    return this.file.opened();
  }

  /** Ends the offer to peers, and closes the file. */
  async close(): Promise<void> {
    this.#offer.end();
    await this.file.close();
  }

  /** Judges a piece that was read for a peer that doubts it. */
  async #accept(index: number, bytes: Buffer): Promise<boolean> {
    if (isPieceOf(this.manifest, index, bytes)) return true;
    if (this.#offered.delete(index)) {
      await this.file.forget(index);
      this.#lose(index);
    }
    return false;
  }

  #lose(index: number): void {
    this.scheduler.lost(index);
    this.bytesDone -= this.sizeOf(index);
  }

  #offerPiece(index: number): void {
    if (this.#offered.add(index)) this.#offer.gained(index);
  }
}

function bytesOf(manifest: Manifest, indices: Iterable<number>): number {
  let bytes = 0;
  for (const index of indices) bytes += pieceSizeBytes(manifest.sizeBytes, index);
  return bytes;
}
