import { createHash } from 'node:crypto';
import { StoredManifest, isPiece, parseCid } from '@allibrary/core';
import type { Catalog } from '../catalog/catalog.ts';

/** Manifests that are kept open; each keeps a bounded number of its nodes in memory, 2 MiB at most. */
const MOST_OPEN = 16;

/** The digests that the pieces of this node's documents must have, out of their manifests. */
export class DocumentDigests {
  /** The latest use last. */
  readonly #open = new Map<string, StoredManifest>();

  constructor(private readonly catalog: Pick<Catalog, 'node'>) {}

  /**
   * Whether the bytes are those of the piece; hashing 1 MiB takes about 0.6 ms and is done at once. Throws when the
   * manifest is not complete here.
   */
  matches(documentId: string, index: number, bytes: Uint8Array): boolean {
    return Buffer.compare(createHash('sha256').update(bytes).digest(), this.#digest(documentId, index)) === 0;
  }

  #digest(documentId: string, index: number): Uint8Array {
    const cid = parseCid(documentId);
    if (isPiece(cid)) return cid.multihash.digest;
    const manifest =
      this.#open.get(documentId) ?? new StoredManifest(cid, (at) => this.#node(documentId, at.toString()));
    this.#open.delete(documentId); // and to the end: the map's order is that of use
    this.#open.set(documentId, manifest);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest);
    return manifest.pieceDigest(index);
  }

  #node(documentId: string, cid: string): Uint8Array {
    const block = this.catalog.node(cid);
    if (block) return block;
    throw new Error(`the manifest of ${documentId} is not complete here`);
  }
}
