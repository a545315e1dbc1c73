import { createHash } from 'node:crypto';
import { decode, encode, prepare } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { InvalidCid, isPiece, nodeCid } from './document-cid.ts';
import { LINKS_PER_NODE } from './layout.ts';

/** Something that a node lists: a piece, or a node below it. */
export interface Child {
  readonly cid: CID;
  /** The document's bytes below it. */
  readonly sizeBytes: number;
  /** The bytes of its own block and of all blocks below it, as dag-pb counts them (`Tsize`). */
  readonly treeBytes: number;
}

/** An inner node of the tree, with the block that its CID is the hash of. */
export interface ManifestNode {
  readonly cid: CID;
  readonly block: Uint8Array;
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

/** Makes the node that lists the given children, and the child that it is to the node above. */
export function encodeNode(children: readonly Child[]): { node: ManifestNode; asChild: Child } {
  const file = new UnixFS({ type: 'file', blockSizes: children.map(({ sizeBytes }) => BigInt(sizeBytes)) });
  const Links = children.map(({ cid, treeBytes }) => ({ Name: '', Tsize: treeBytes, Hash: cid }));
  const block = encode(prepare({ Data: file.marshal(), Links }));
  const node = { cid: nodeCid(sha256(block)), block };
  const sum = (key: 'sizeBytes' | 'treeBytes') => children.reduce((total, child) => total + child[key], 0);
  return { node, asChild: { cid: node.cid, sizeBytes: sum('sizeBytes'), treeBytes: block.length + sum('treeBytes') } };
}

/** Reads a node's children from a block that came from anywhere; throws {@link BlockMismatch} or {@link InvalidManifest}. */
export function decodeNode(cid: CID, block: Uint8Array): Child[] {
  if (block.length > NODE_LIMIT_BYTES) throw new BlockMismatch(`a node of ${block.length} bytes is too large`);
  verifyBlock(cid, block);
  const { links, sizes } = readBlock(block);
  if (links.length === 0 || links.length > LINKS_PER_NODE)
    throw new InvalidManifest(`a node has ${links.length} links`);
  if (links.length !== sizes.length) throw new InvalidManifest('a node has as many sizes as links');
  return links.map(({ Hash, Tsize }, index) => ({
    cid: Hash as CID,
    sizeBytes: Number(sizes[index]),
    treeBytes: Number(Tsize ?? 0),
  }));
}

/** Throws {@link BlockMismatch} unless the block's hash is the one in its CID. */
export function verifyBlock(cid: CID, block: Uint8Array): void {
  if (Buffer.compare(sha256(block), cid.multihash.digest) !== 0) {
    throw new BlockMismatch(`the ${isPiece(cid) ? 'piece' : 'node'} is not the one that was asked for`);
  }
}

function readBlock(block: Uint8Array) {
  try {
    const { Data, Links } = decode(block);
    const file = UnixFS.unmarshal(Data ?? new Uint8Array());
    if (file.type !== 'file' || file.data?.length)
      throw new InvalidManifest('a node is a file without bytes of its own');
    return { links: Links, sizes: file.blockSizes };
  } catch (cause) {
    if (cause instanceof InvalidManifest || cause instanceof InvalidCid) throw cause;
    throw new InvalidManifest('a node is no UnixFS file', { cause });
  }
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
