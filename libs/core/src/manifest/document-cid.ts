import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { DIGEST_BYTES } from './layout.ts';

const SHA2_256 = 0x12;
const RAW = 0x55;
const DAG_PB = 0x70;

/** The bytes of a CID on the wire: version, codec, hash function, digest length, digest. */
export const CID_BYTES = 4 + DIGEST_BYTES;

/** Text that is no CID of the kind that documents have. */
export class InvalidCid extends Error {
  override readonly name = 'InvalidCid';
}

/** The CID of a piece: its own bytes, raw. */
export const pieceCid = (digest: Uint8Array): CID => CID.createV1(RAW, Digest.create(SHA2_256, digest));

/** The CID of an inner node. */
export const nodeCid = (digest: Uint8Array): CID => CID.createV1(DAG_PB, Digest.create(SHA2_256, digest));

/** Whether the CID names a piece itself, not a node that lists pieces. */
export const isPiece = (cid: CID): boolean => cid.code === RAW;

/** Reads a CID from its text. */
export const parseCid = (text: string): CID => accept(() => CID.parse(text));

/** Reads a CID from its bytes. */
export const decodeCid = (bytes: Uint8Array): CID => accept(() => CID.decode(bytes));

function accept(read: () => CID): CID {
  let cid: CID;
  try {
    cid = read();
  } catch (cause) {
    throw new InvalidCid('it is no CID', { cause });
  }
  return acceptCid(cid);
}

/** Returns a CID of the kind that documents, nodes and pieces have; throws {@link InvalidCid} for any other. */
export function acceptCid(cid: CID): CID {
  const known = cid.version === 1 && (cid.code === RAW || cid.code === DAG_PB);
  if (!known || cid.multihash.code !== SHA2_256 || cid.multihash.digest.length !== DIGEST_BYTES) {
    throw new InvalidCid('a document has a CIDv1 of raw or dag-pb with sha2-256');
  }
  return cid;
}
