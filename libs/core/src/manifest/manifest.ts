import type { CID } from 'multiformats/cid';
import { isPiece, pieceCid } from './document-cid.ts';
import { DIGEST_BYTES, LINKS_PER_NODE, PIECE_BYTES, pieceCount, pieceSizeBytes } from './layout.ts';
import {
  type Child,
  InvalidManifest,
  type ManifestNode,
  decodeNode,
  encodeNode,
  verifyBlock,
} from './manifest-node.ts';

/** What a document is made of: the digests of its pieces in order, and the nodes that lead to them from its CID. */
export interface Manifest {
  readonly cid: CID;
  readonly sizeBytes: number;
  /** The SHA-256 digests of all pieces, one after the other. */
  readonly digests: Uint8Array;
  readonly nodes: readonly ManifestNode[];
}

/** Documents of 4 TiB and more are refused: their digests alone would take 128 MiB. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 ** 4;

/** The digest of one piece. */
export const pieceDigest = ({ digests }: Manifest, index: number): Uint8Array =>
  digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);

/** Builds the manifest from the digests of a document's pieces: a balanced tree, as IPFS tools build it. */
export function buildManifest(digests: Uint8Array, sizeBytes: number): Manifest {
  const nodes: ManifestNode[] = [];
  let level = piecesAsChildren(digests, sizeBytes);
  while (level.length > 1) {
    const above: Child[] = [];
    for (let at = 0; at < level.length; at += LINKS_PER_NODE) {
      const { node, asChild } = encodeNode(level.slice(at, at + LINKS_PER_NODE));
      nodes.push(node);
      above.push(asChild);
    }
    level = above;
  }
  const [root] = level;
  if (!root) throw new InvalidManifest('a document has at least one piece');
  return { cid: root.cid, sizeBytes, digests, nodes };
}

/** The manifest of a document of a single piece, whose CID is that of the piece itself. */
export function singlePieceManifest(cid: CID, piece: Uint8Array): Manifest {
  verifyBlock(cid, piece);
  return { cid, sizeBytes: piece.length, digests: cid.multihash.digest, nodes: [] };
}

/**
 * Fetches the manifest of a document of several pieces from its CID down, each block verified before its links are used.
 * Throws {@link BlockMismatch} when a block is wrong, {@link InvalidManifest} when the profile does not give such a tree.
 */
export async function fetchManifest(cid: CID, fetchNode: (cid: CID) => Promise<Uint8Array>): Promise<Manifest> {
  const nodes: ManifestNode[] = [];
  const pieces: Child[] = [];
  let sizeBytes = 0;

  const descend = async (at: CID, expectedBytes: number | undefined): Promise<void> => {
    const block = await fetchNode(at);
    const children = decodeNode(at, block);
    const below = children.reduce((sum, child) => sum + child.sizeBytes, 0);
    if (expectedBytes === undefined) sizeBytes = acceptSize(below);
    else if (below !== expectedBytes) throw new InvalidManifest('a node holds another number of bytes than it should');
    nodes.push({ cid: at, block });
    if (nodes.length > mostNodes(sizeBytes)) throw new InvalidManifest('the tree has too many nodes');
    for (const child of children) {
      if (isPiece(child.cid)) pieces.push(child);
      else await descend(child.cid, child.sizeBytes);
    }
  };
  await descend(cid, undefined);
  verifyLayout(pieces, sizeBytes);
  return { cid, sizeBytes, digests: joinDigests(pieces), nodes };
}

function piecesAsChildren(digests: Uint8Array, sizeBytes: number): Child[] {
  const count = pieceCount(sizeBytes);
  if (digests.length !== count * DIGEST_BYTES) throw new InvalidManifest(`${sizeBytes} bytes have ${count} pieces`);
  return Array.from({ length: count }, (_, index) => {
    const bytes = pieceSizeBytes(sizeBytes, index);
    const digest = digests.slice(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    return { cid: pieceCid(digest), sizeBytes: bytes, treeBytes: bytes };
  });
}

function acceptSize(sizeBytes: number): number {
  if (sizeBytes > PIECE_BYTES && sizeBytes < MAX_DOCUMENT_BYTES) return sizeBytes;
  throw new InvalidManifest(
    `a document with a tree has more than ${PIECE_BYTES} and less than ${MAX_DOCUMENT_BYTES} bytes`,
  );
}

/** The nodes of the balanced tree over a document of this size, so that a peer can't send an endless one. */
function mostNodes(sizeBytes: number): number {
  let nodes = 0;
  for (let level = pieceCount(sizeBytes); level > 1; nodes += level) level = Math.ceil(level / LINKS_PER_NODE);
  return nodes;
}

function verifyLayout(pieces: readonly Child[], sizeBytes: number): void {
  const right =
    pieces.length === pieceCount(sizeBytes) &&
    pieces.every((piece, index) => piece.sizeBytes === pieceSizeBytes(sizeBytes, index));
  if (!right) throw new InvalidManifest('the pieces are not of 1 MiB each: another profile made this CID');
}

function joinDigests(pieces: readonly Child[]): Uint8Array {
  const digests = new Uint8Array(pieces.length * DIGEST_BYTES);
  for (const [index, { cid }] of pieces.entries()) digests.set(cid.multihash.digest, index * DIGEST_BYTES);
  return digests;
}
