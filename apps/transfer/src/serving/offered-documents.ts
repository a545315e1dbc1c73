import { type nodeCid, isPiece, pieceCount, pieceSizeBytes } from '@allibrary/core';
import type { Catalog } from '../catalog/catalog.ts';
import type { ServedFiles } from '../catalog/served-files.ts';
import type { Throttle } from '../limits/fair/throttle.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import { type Description, RefusalCode } from '../wire/messages.ts';
import type { PartialDocument, PartialDocuments, PartialListener } from './partial-documents.ts';
import { Refusal } from './refusal.ts';
import type { SharedDocuments } from './shared-documents.ts';

/** What there is to offer. */
export interface OfferedDocumentsParts {
  readonly catalog: Catalog;
  readonly files: ServedFiles;
  readonly documents: SharedDocuments;
  readonly partials: PartialDocuments;
  readonly pool: BufferPool;
  readonly throttle: Throttle;
}

/** A document that peers may have: whole in the library, or in part while it is downloaded. */
type Offered =
  | { readonly kind: 'whole'; readonly sizeBytes: number }
  | { readonly kind: 'partial'; readonly sizeBytes: number; readonly document: PartialDocument };

/** All that peers may have of this node; whatever else is asked for ends in a {@link Refusal}. */
export class OfferedDocuments {
  constructor(private readonly parts: OfferedDocumentsParts) {}

  /** What this node calls the document. */
  describe(documentId: string): Description {
    const offered = this.#find(documentId);
    if (offered.kind === 'partial') return offered.document.description;
    const document = this.parts.catalog.document(documentId);
    if (!document) throw notShared();
    const { name, mediaType, sizeBytes } = document;
    return { name, mediaType, sizeBytes };
  }

  /** A block of the document's manifest; for a document of one piece that is the piece. */
  async block(
    documentId: string,
    cid: ReturnType<typeof nodeCid>,
    peerId: string,
    signal: AbortSignal,
  ): Promise<Buffer> {
    this.#find(documentId);
    if (isPiece(cid) && cid.toString() === documentId) return this.piece(documentId, 0, peerId, signal);
    const block = this.parts.catalog.node(cid.toString());
    if (!block) throw new Refusal(RefusalCode.NotShared, 'this node is not of a document that is shared here');
    return Buffer.from(block);
  }

  /** The bytes of a piece, when the limits let them flow to the peer; a piece that the peer doubts is verified. */
  async piece(
    documentId: string,
    index: number,
    peerId: string,
    signal: AbortSignal,
    isDoubted = false,
  ): Promise<Buffer> {
    const offered = this.#find(documentId);
    const { sizeBytes } = offered;
    if (index >= pieceCount(sizeBytes)) throw new Refusal(RefusalCode.Malformed, 'the document has no such piece');
    if (offered.kind === 'partial' && !offered.document.held.has(index)) {
      throw new Refusal(RefusalCode.Unreadable, 'this piece is not here yet');
    }
    const { documents, pool, throttle } = this.parts;
    await throttle.admit('sent', pieceSizeBytes(sizeBytes, index), { peerId, documentId }, signal);
    if (offered.kind === 'whole') return documents.piece(documentId, index, (bytes) => pool.take(bytes), isDoubted);
    const bytes = await offered.document.read(index);
    if (!isDoubted || (await offered.document.accept(index, bytes))) return bytes;
    pool.give(bytes);
    throw new Refusal(RefusalCode.Unreadable, 'this piece was damaged here');
  }

  /** The bitfield of what is here; null is the whole document. */
  holdings(documentId: string): Uint8Array | null {
    const offered = this.#find(documentId);
    if (offered.kind === 'whole' || offered.document.held.isWhole) return null;
    return offered.document.held.toBytes();
  }

  /** Reports what becomes of a document that is here in part, until the returned function is called. */
  follow(documentId: string, listener: PartialListener): () => void {
    return this.parts.partials.follow(documentId, listener);
  }

  #find(documentId: string): Offered {
    const { files, partials } = this.parts;
    const sizeBytes = files.publicSizeBytes(documentId);
    if (sizeBytes !== undefined) return { kind: 'whole', sizeBytes };
    const partial = partials.find(documentId);
    if (!partial) throw notShared();
    return { kind: 'partial', sizeBytes: partial.description.sizeBytes, document: partial };
  }
}

const notShared = (): Refusal => new Refusal(RefusalCode.NotShared, 'this document is not shared here');
