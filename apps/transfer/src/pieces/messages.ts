import { FileName, MediaType, SizeBytes } from '@allibrary/contracts';
import { CID_BYTES, decodeCid, nodeCid } from '@allibrary/core';
import { z } from 'zod';
import { type Frame, FrameType, ProtocolViolation } from './frames.ts';

type Cid = ReturnType<typeof nodeCid>;

/** What a client asks for. */
export type PieceRequest =
  | { readonly kind: 'describe'; readonly documentId: Cid }
  | { readonly kind: 'node'; readonly documentId: Cid; readonly cid: Cid }
  | { readonly kind: 'piece'; readonly documentId: Cid; readonly index: number };

/** What a peer calls a document; only a hint, for nothing in it can be verified. */
export const Description = z.object({ name: FileName, mediaType: MediaType, sizeBytes: SizeBytes });
export type Description = z.output<typeof Description>;

/** Why a server does not give what was asked for. None of them is an offence. */
export const RefusalCode = { NotShared: 1, Busy: 2, Malformed: 3, Unreadable: 4 } as const;
export type RefusalCode = (typeof RefusalCode)[keyof typeof RefusalCode];

/** The payload of a request, and the type of its frame. */
export function encodeRequest(request: PieceRequest): { type: FrameType; payload: Buffer } {
  const document = request.documentId.bytes;
  switch (request.kind) {
    case 'describe':
      return { type: FrameType.Describe, payload: Buffer.from(document) };
    case 'node':
      return { type: FrameType.Node, payload: Buffer.concat([document, request.cid.bytes]) };
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
  if (type === FrameType.Node && rest.length === CID_BYTES) return { kind: 'node', documentId, cid: decodeCid(rest) };
  if (type === FrameType.Piece && rest.length === 4) return { kind: 'piece', documentId, index: rest.readUInt32BE() };
  throw new ProtocolViolation(`a request of type ${type} has ${payload.length} bytes`);
}

/** The payload of a refusal. */
export const encodeRefusal = (code: RefusalCode, reason: string): Buffer =>
  Buffer.concat([Buffer.from([code]), Buffer.from(reason).subarray(0, 200)]);

/** Reads a refusal. */
export const decodeRefusal = (payload: Buffer): { code: number; reason: string } => ({
  code: payload[0] ?? 0,
  reason: payload
    .subarray(1)
    .toString('utf8')
    .replaceAll(/\p{Cc}/gu, ' '),
});

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
