import { createHash } from 'node:crypto';
import { type PBLink, decode } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { InvalidCid, acceptCid, isPiece, nodeCid } from './document-cid.ts';
import { type Child, encodeBlock } from './encode-block.ts';
import { DIGEST_BYTES, LINKS_PER_NODE, PIECE_BYTES, childSizes, nodeLevels } from './layout.ts';

/** An inner node of the tree, with the block that its CID is the hash of. */
export interface ManifestNode {
  readonly cid: CID;
  readonly block: Uint8Array;
}

/** Place of a node in the balanced tree: all that is below it follows from this. */
export interface NodePlace {
  /** The document's bytes below it. */
  readonly sizeBytes: number;
  /** Counted from the pieces: the lowest nodes have level 1. */
  readonly level: number;
}

/** A block that is not what its CID promises: whoever sent it is wrong. */
export class BlockMismatch extends Error {
  override readonly name = 'BlockMismatch';
}

/** A tree that its CID proves, but that the profile does not give: the document can't be had by this node. */
export class InvalidManifest extends Error {
  override readonly name = 'InvalidManifest';
}

/** The longest block of an inner node: 1,024 links of about 50 bytes, with room to spare. */
export const NODE_LIMIT_BYTES = 131_072;

/** Documents of 4 TiB and more are refused: the record of their pieces would take more than 4 MiB. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 ** 4;

/** Makes the node that lists the given children, and the child that it is to the node above. */
export function encodeNode(children: readonly Child[]): { node: ManifestNode; asChild: Child } {
  const block = encodeBlock(children);
  const cid = nodeCid(sha256(block));
  const sum = (key: 'sizeBytes' | 'treeBytes') => children.reduce((total, child) => total + child[key], 0);
  const sizes = { sizeBytes: sum('sizeBytes'), treeBytes: block.length + sum('treeBytes') };
  return { node: { cid, block }, asChild: { cid, ...sizes } };
}

/**
 * Reads the digests of a node's children, one after the other, from a block that came from anywhere. Throws
 * {@link BlockMismatch} when the block is another one, {@link InvalidManifest} when the balanced tree has no such node there.
 */
export function decodeNode(cid: CID, block: Uint8Array, { sizeBytes, level }: NodePlace): Uint8Array {
  const { links, sizes } = decodeBlock(cid, block);
  const expected = childSizes(sizeBytes, level);
  const isRight = links.length === expected.length && expected.every((size, index) => sizes[index] === BigInt(size));
  if (!isRight)
    throw new InvalidManifest('the pieces are not of 1 MiB each in a balanced tree: another profile made this CID');
  const digests = new Uint8Array(links.length * DIGEST_BYTES);
  for (const [index, { Hash }] of links.entries()) digests.set(digestOf(Hash, level), index * DIGEST_BYTES);
  return digests;
}

/** Reads the place of a document's root from its block; throws as {@link decodeNode} does. */
export function decodeRoot(cid: CID, block: Uint8Array): NodePlace {
  const { sizes } = decodeBlock(cid, block);
  const sizeBytes = Number(sizes.reduce((sum, size) => sum + size, 0n));
  if (!(sizeBytes > PIECE_BYTES && sizeBytes < MAX_DOCUMENT_BYTES)) {
    throw new InvalidManifest(
      `a document with a tree has more than ${PIECE_BYTES} and less than ${MAX_DOCUMENT_BYTES} bytes`,
    );
  }
  return { sizeBytes, level: nodeLevels(sizeBytes) };
}

/** Throws {@link BlockMismatch} unless the block's hash is the one in its CID. */
export function verifyBlock(cid: CID, block: Uint8Array): void {
  if (Buffer.compare(sha256(block), cid.multihash.digest) !== 0) {
    throw new BlockMismatch(`the ${isPiece(cid) ? 'piece' : 'node'} is not the one that was asked for`);
  }
}

function decodeBlock(cid: CID, block: Uint8Array): { links: readonly PBLink[]; sizes: readonly bigint[] } {
  if (block.length > NODE_LIMIT_BYTES) throw new BlockMismatch(`a node of ${block.length} bytes is too large`);
  verifyBlock(cid, block);
  const { links, sizes } = readBlock(block);
  if (links.length === 0 || links.length > LINKS_PER_NODE)
    throw new InvalidManifest(`a node has ${links.length} links`);
  if (links.length !== sizes.length)
    throw new InvalidManifest(`a node has ${links.length} links and ${sizes.length} sizes`);
  return { links, sizes };
}

function readBlock(block: Uint8Array): { links: readonly PBLink[]; sizes: readonly bigint[] } {
  try {
    const { Data, Links } = decode(new Uint8Array(block)); // a Buffer would be read wrongly where a size has over 28 bits
    const file = UnixFS.unmarshal(Data ?? new Uint8Array());
    if (file.type !== 'file' || file.data?.length)
      throw new InvalidManifest('a node is a file without bytes of its own');
    return { links: Links, sizes: file.blockSizes };
  } catch (cause) {
    if (cause instanceof InvalidManifest) throw cause;
    throw new InvalidManifest('a node is no UnixFS file', { cause });
  }
}

/** The lowest nodes list pieces, the others list nodes; a link with any other CID, such as an identity hash, is refused. */
function digestOf(link: CID, level: number): Uint8Array {
  try {
    const cid = acceptCid(link);
    if (isPiece(cid) === (level === 1)) return cid.multihash.digest;
  } catch (cause) {
    if (!(cause instanceof InvalidCid)) throw cause;
    throw new InvalidManifest(`a link of a node is not usable: ${cause.message}`, { cause });
  }
  throw new InvalidManifest('the tree is not balanced: another profile made this CID');
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
