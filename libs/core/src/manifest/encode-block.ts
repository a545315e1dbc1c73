import type { CID } from 'multiformats/cid';
import { CID_BYTES } from './document-cid.ts';
import { LINKS_PER_NODE } from './layout.ts';

/** Something that a node lists: a piece, or a node below it. */
export interface Child {
  readonly cid: CID;
  /** The document's bytes below it. */
  readonly sizeBytes: number;
  /** The bytes of its own block and of all blocks below it, as dag-pb counts them (`Tsize`). */
  readonly treeBytes: number;
}

/** More than the bytes of one link: its CID, and two numbers of at most 6 bytes, each with its field. */
const MOST_LINK_BYTES = CID_BYTES + 32;
const MOST_BLOCK_BYTES = LINKS_PER_NODE * MOST_LINK_BYTES + 64;

/** Reused: the nodes of a document of 4 TiB have 200 MB. */
const scratch = Buffer.allocUnsafeSlow(MOST_BLOCK_BYTES);

/**
 * Encodes a node in the canonical form of dag-pb: links first, then the UnixFS message. The libraries take 10 to 30 ms for
 * 1,024 links, and no other work is done meanwhile; that is minutes for a document of 4 TiB. The tests compare both.
 */
export function encodeBlock(children: readonly Child[]): Uint8Array {
  let at = 0;
  for (const child of children) at = writeLink(child, at);
  at = writeData(children, at);
  return new Uint8Array(scratch.subarray(0, at));
}

/** PBNode.Links = 2: { Hash = 1, Name = 2, Tsize = 3 }. */
function writeLink({ cid, treeBytes }: Child, start: number): number {
  let at = writeField(2, 2, start);
  at = writeVarint(2 + CID_BYTES + 2 + 1 + varintBytes(treeBytes), at);
  at = writeVarint(CID_BYTES, writeField(1, 2, at));
  scratch.set(cid.bytes, at);
  at = writeVarint(0, writeField(2, 2, at + CID_BYTES));
  return writeVarint(treeBytes, writeField(3, 0, at));
}

/** PBNode.Data = 1: the UnixFS message { Type = 1: File, filesize = 3, blocksizes = 4 }. */
function writeData(children: readonly Child[], start: number): number {
  const fileBytes = children.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const sizesBytes = children.reduce((sum, { sizeBytes }) => sum + 1 + varintBytes(sizeBytes), 0);
  let at = writeVarint(2 + 1 + varintBytes(fileBytes) + sizesBytes, writeField(1, 2, start));
  at = writeVarint(2, writeField(1, 0, at));
  at = writeVarint(fileBytes, writeField(3, 0, at));
  for (const { sizeBytes } of children) at = writeVarint(sizeBytes, writeField(4, 0, at));
  return at;
}

const writeField = (number: number, wireType: number, at: number): number => writeVarint(number * 8 + wireType, at);

/** Not with bit operations: sizes have up to 42 bits. */
function writeVarint(value: number, start: number): number {
  let [rest, at] = [value, start];
  for (; rest >= 128; rest = Math.floor(rest / 128)) scratch[at++] = (rest % 128) + 128;
  scratch[at] = rest;
  return at + 1;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
