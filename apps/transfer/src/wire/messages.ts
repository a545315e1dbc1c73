import { FileName, MediaType, SizeBytes } from '@allibrary/contracts';
import { CID_BYTES, decodeCid, nodeCid } from '@allibrary/core';
import { z } from 'zod';
import { type Frame, FrameType, ProtocolViolation } from './frames.ts';

type Cid = ReturnType<typeof nodeCid>;

/** What a client asks for. */
export type PieceRequest =
  | { readonly kind: 'describe'; readonly documentId: Cid }
  | { readonly kind: 'node'; readonly documentId: Cid; readonly cid: Cid }
  | { readonly kind: 'piece'; readonly documentId: Cid; readonly index: number }
  | { readonly kind: 'holdings'; readonly documentId: Cid };

/** What a peer calls a document; only a hint, for nothing in it can be verified. */
export const Description = z.object({ name: FileName, mediaType: MediaType, sizeBytes: SizeBytes });
export type Description = z.output<typeof Description>;

/** Why a server refuses a request. None of the reasons is misbehaviour. */
export const RefusalCode = { NotShared: 1, Busy: 2, Malformed: 3, Unreadable: 4, Cancelled: 5 } as const;
export type RefusalCode = (typeof RefusalCode)[keyof typeof RefusalCode];

/** The payload of a request, and the type of its frame. */
export function encodeRequest(request: PieceRequest): { type: FrameType; payload: Buffer } {
  const document = request.documentId.bytes;
  switch (request.kind) {
    case 'describe':
      return { type: FrameType.Describe, payload: Buffer.from(document) };
    case 'node':
      return { type: FrameType.Node, payload: Buffer.concat([document, request.cid.bytes]) };
    case 'holdings':
      return { type: FrameType.Holdings, payload: Buffer.from(document) };
    case 'piece': {
      const index = Buffer.allocUnsafe(4);
      index.writeUInt32BE(request.index);
      return { type: FrameType.Piece, payload: Buffer.concat([document, index]) };
    }
  }
}

/** Reads a request; throws when its payload is not of its type. */
export function decodeRequest({ type, payload }: Frame): PieceRequest {
  const documentId = decodeCid(payload.subarray(0, CID_BYTES));
  const rest = payload.subarray(CID_BYTES);
  if (type === FrameType.Describe && rest.length === 0) return { kind: 'describe', documentId };
  if (type === FrameType.Holdings && rest.length === 0) return { kind: 'holdings', documentId };
  if (type === FrameType.Node && rest.length === CID_BYTES) return { kind: 'node', documentId, cid: decodeCid(rest) };
  if (type === FrameType.Piece && rest.length === 4) return { kind: 'piece', documentId, index: rest.readUInt32BE() };
  throw new ProtocolViolation(`a request of type ${type} has ${payload.length} bytes`);
}

/** Content of a refusal. */
export interface RefusalText {
  readonly code: number;
  /** After how long it is worth to ask again, in whole seconds on the wire; 0 when the server does not say. */
  readonly retryAfterMs: number;
  readonly reason: string;
}

/** The payload of a refusal. */
export function encodeRefusal({ code, retryAfterMs, reason }: RefusalText): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(code);
  head.writeUInt16BE(Math.min(0xffff, Math.ceil(retryAfterMs / 1_000)), 1);
  return Buffer.concat([head, Buffer.from(reason).subarray(0, 200)]);
}

/** Reads a refusal; throws when it is none. */
export function decodeRefusal(payload: Buffer): RefusalText {
  if (payload.length < 3) throw new ProtocolViolation('a refusal is not understood');
  return {
    code: payload.readUInt8(),
    retryAfterMs: payload.readUInt16BE(1) * 1_000,
    reason: payload
      .subarray(3)
      .toString('utf8')
      .replaceAll(/\p{Cc}/gu, ' '),
  };
}

/** The payload that names pieces. */
export function encodeIndices(indices: readonly number[]): Buffer {
  const payload = Buffer.allocUnsafe(4 * indices.length);
  for (const [at, index] of indices.entries()) payload.writeUInt32BE(index, 4 * at);
  return payload;
}

/** Reads which pieces are named. */
export function decodeIndices(payload: Buffer): number[] {
  if (payload.length === 0 || payload.length % 4 > 0) throw new ProtocolViolation('a list of pieces is not understood');
  return Array.from({ length: payload.length / 4 }, (_, at) => payload.readUInt32BE(4 * at));
}

/** The payload of a description. */
export const encodeDescription = (description: Description): Buffer => Buffer.from(JSON.stringify(description));

/** Reads a description; throws when it is none. */
export function decodeDescription(payload: Buffer): Description {
  try {
    return Description.parse(JSON.parse(payload.toString('utf8')));
  } catch (cause) {
    throw new ProtocolViolation('a description is not understood', { cause });
  }
}
