import type { CID } from 'multiformats/cid';
import { nodeCid } from './document-cid.ts';
import { DIGEST_BYTES, childSizes, piecesPerChild } from './layout.ts';
import { type ManifestNode, type NodePlace, decodeNode, decodeRoot, verifyBlock } from './manifest-node.ts';

/** What a document is made of, proven by its CID. */
export interface Manifest {
  readonly cid: CID;
  readonly sizeBytes: number;
  /** The SHA-256 digest of one piece. */
  pieceDigest(index: number): Uint8Array;
}

/** Where the nodes of a manifest come from, and where they go. */
export interface NodeTransfer {
  /** Returns the block of a node, from anywhere. */
  fetch(cid: CID): Promise<Uint8Array>;
  /** Called once, before anything below the root is fetched; throws when the document is not to be fetched. */
  acceptSize?(sizeBytes: number): void;
  /** Called with each node as soon as it is verified. */
  keep?(node: ManifestNode): void;
}

/** Decoded nodes that a manifest keeps in memory, 32 KiB each: the digests of 64 GiB. */
const MOST_DECODED = 64;

/** One of the digests in a list of them. */
export const digestAt = (digests: Uint8Array, index: number): Uint8Array =>
  digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);

/** The manifest of a document of a single piece, whose CID is that of the piece itself. */
export function singlePieceManifest(cid: CID, piece: Uint8Array): Manifest {
  verifyBlock(cid, piece);
  return { cid, sizeBytes: piece.length, pieceDigest: () => cid.multihash.digest };
}

/**
 * Fetches the manifest of a document of several pieces from its CID down, depth first. Each node is verified before it is
 * kept and before its links are used, and is fetched once, wherever else the tree repeats it. Nothing of it stays in
 * memory. Throws {@link BlockMismatch} when a block is wrong, {@link InvalidManifest} when the profile does not give such a
 * tree.
 */
export async function fetchManifest(cid: CID, nodes: NodeTransfer): Promise<void> {
  const done = new Set<string>();
  const descend = async (at: CID, place: NodePlace, block: Uint8Array): Promise<void> => {
    const digests = decodeNode(at, block, place);
    nodes.keep?.({ cid: at, block });
    done.add(keyOf(at, place));
    if (place.level === 1) return;
    for (const [index, sizeBytes] of childSizes(place.sizeBytes, place.level).entries()) {
      const child = nodeCid(digestAt(digests, index).slice());
      const below = { sizeBytes, level: place.level - 1 };
      if (!done.has(keyOf(child, below))) await descend(child, below, await nodes.fetch(child));
    }
  };
  const block = await nodes.fetch(cid);
  const place = decodeRoot(cid, block);
  nodes.acceptSize?.(place.sizeBytes);
  await descend(cid, place, block);
}

/** Where a node stands matters: the same block elsewhere in the tree need not be what the profile gives there. */
const keyOf = (cid: CID, { sizeBytes, level }: NodePlace): string => `${level} ${sizeBytes} ${cid}`;

/** A manifest whose nodes are read from a store when they are needed: its memory does not grow with the document. */
export class StoredManifest implements Manifest {
  readonly sizeBytes: number;
  readonly #level: number;
  /** The latest use last. */
  readonly #decoded = new Map<string, Uint8Array>();

  /** @param readNode returns a node's block, or throws */
  constructor(
    readonly cid: CID,
    private readonly readNode: (cid: CID) => Uint8Array,
  ) {
    const { sizeBytes, level } = decodeRoot(cid, readNode(cid));
    this.sizeBytes = sizeBytes;
    this.#level = level;
  }

  pieceDigest(index: number): Uint8Array {
    return this.#find(this.cid, { sizeBytes: this.sizeBytes, level: this.#level }, index);
  }

  /** Returns the digest of a piece, counted from the first one below the node. */
  #find(cid: CID, place: NodePlace, index: number): Uint8Array {
    const child = Math.floor(index / piecesPerChild(place.level));
    const digest = digestAt(this.#digestsOf(cid, place), child);
    if (place.level === 1) return digest;
    const sizeBytes = childSizes(place.sizeBytes, place.level)[child] ?? 0;
    const below = { sizeBytes, level: place.level - 1 };
    return this.#find(nodeCid(digest.slice()), below, index % piecesPerChild(place.level));
  }

  #digestsOf(cid: CID, place: NodePlace): Uint8Array {
    const key = keyOf(cid, place);
    const digests = this.#decoded.get(key) ?? decodeNode(cid, this.readNode(cid), place);
    this.#decoded.delete(key); // and to the end: the map's order is that of use
    this.#decoded.set(key, digests);
    const [oldest] = this.#decoded.keys();
    if (this.#decoded.size > MOST_DECODED && oldest !== undefined) this.#decoded.delete(oldest);
    return digests;
  }
}
