import type { CID } from 'multiformats/cid';
import { pieceCid } from './document-cid.ts';
import type { Child } from './encode-block.ts';
import { DIGEST_BYTES, LINKS_PER_NODE, nodeLevels, pieceCount, pieceSizeBytes, piecesPerChild } from './layout.ts';
import { InvalidManifest, type ManifestNode, encodeNode } from './manifest-node.ts';
import { type Manifest, digestAt } from './manifest.ts';

/** The manifest of a document whose pieces were hashed here. */
export interface BuiltManifest extends Manifest {
  /**
   * Yields the nodes, those of the lower levels first. Each call builds them again, and they are never all in memory: those
   * of a document of 4 TiB take 200 MB.
   */
  nodes(): Iterable<ManifestNode>;
}

/** The digests of a document's pieces, one after the other, and its size. */
interface Hashed {
  readonly digests: Uint8Array;
  readonly sizeBytes: number;
}

/** Builds the manifest from the digests of a document's pieces: a balanced tree, as IPFS tools build it. */
export function buildManifest(digests: Uint8Array, sizeBytes: number): BuiltManifest {
  const count = pieceCount(sizeBytes);
  if (digests.length !== count * DIGEST_BYTES) throw new InvalidManifest(`${sizeBytes} bytes have ${count} pieces`);
  const document = { digests, sizeBytes };
  const cid = rootOf(document);
  return { cid, sizeBytes, pieceDigest: (index) => digestAt(digests, index), nodes: () => nodesOf(document) };
}

function rootOf(document: Hashed): CID {
  const nodes = subtree(document, nodeLevels(document.sizeBytes), 0);
  for (let next = nodes.next(); ; next = nodes.next()) if (next.done) return next.value.cid;
}

function* nodesOf(document: Hashed): Generator<ManifestNode> {
  yield* subtree(document, nodeLevels(document.sizeBytes), 0);
}

/** Yields the nodes of the subtree at this level whose first piece is the given one; returns it as a child. */
function* subtree(document: Hashed, level: number, firstPiece: number): Generator<ManifestNode, Child> {
  if (level === 0) return pieceAsChild(document, firstPiece);
  const children: Child[] = [];
  const count = pieceCount(document.sizeBytes);
  for (let index = 0; index < LINKS_PER_NODE; index++) {
    const first = firstPiece + index * piecesPerChild(level);
    if (first >= count) break;
    children.push(yield* subtree(document, level - 1, first));
  }
  const { node, asChild } = encodeNode(children);
  yield node;
  return asChild;
}

function pieceAsChild({ digests, sizeBytes }: Hashed, index: number): Child {
  const bytes = pieceSizeBytes(sizeBytes, index);
  // The digest is copied: a CID must not keep those of the whole document in memory.
  return { cid: pieceCid(digestAt(digests, index).slice()), sizeBytes: bytes, treeBytes: bytes };
}
