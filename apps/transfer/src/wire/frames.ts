import { CID_BYTES, PIECE_BYTES } from '@allibrary/core';

/** What a frame is. Requests are below 128, replies above. */
export const FrameType = {
  Describe: 1,
  Node: 2,
  Piece: 3,
  Holdings: 4,
  Cancel: 5,
  Description: 129,
  Block: 130,
  PieceBytes: 131,
  HeldPieces: 132,
  Have: 133,
  Refused: 255,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** The most bytes that a payload of each type may have; a type that a side does not expect is not in its table. */
export type PayloadLimits = ReadonlyMap<number, number>;

/** How many pieces one `have` frame may name. */
export const MOST_NEWS = 256;

/** What a server accepts. */
export const REQUEST_LIMITS: PayloadLimits = new Map<number, number>([
  [FrameType.Describe, CID_BYTES],
  [FrameType.Node, 2 * CID_BYTES],
  [FrameType.Piece, CID_BYTES + 4],
  [FrameType.Holdings, CID_BYTES],
  [FrameType.Cancel, 0],
]);

/** What a client accepts. */
export const REPLY_LIMITS: PayloadLimits = new Map<number, number>([
  [FrameType.Description, 4_096],
  [FrameType.Block, PIECE_BYTES],
  [FrameType.PieceBytes, PIECE_BYTES],
  [FrameType.HeldPieces, PIECE_BYTES / 2],
  [FrameType.Have, 4 * MOST_NEWS],
  [FrameType.Refused, 256],
]);

/** How many requests a client may have open on one stream, beside those for holdings. */
export const MAX_OPEN_REQUESTS = 32;

/** Of how many documents a client may follow the holdings on one stream. */
export const MAX_FOLLOWED = 64;

/** A server that cannot reply for this long refuses as busy; a client can distinguish it from one that stalls. */
export const BUSY_AFTER_MS = 45_000;

/** The bytes before each payload: payload length, type, request id. */
export const HEADER_BYTES = 9;

/** One frame, with the payload as it stood on the wire. */
export interface Frame {
  readonly type: number;
  readonly requestId: number;
  readonly payload: Buffer;
}

/** Bytes that are not of the protocol: the stream has to be given up. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

/** Writes a frame's header. */
export function frameHeader(type: FrameType, requestId: number, payloadBytes: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(payloadBytes, 0);
  header.writeUInt8(type, 4);
  header.writeUInt32BE(requestId, 5);
  return header;
}

/** Cuts a stream of bytes, however it is split, into frames; memory is taken only for what the limits allow. */
export class FrameDecoder {
  readonly #header = Buffer.allocUnsafe(HEADER_BYTES);
  #headerBytes = 0;
  #payload: Buffer | undefined;
  #payloadBytes = 0;

  constructor(
    private readonly limits: PayloadLimits,
    /** Gives the memory for one payload; who gets the frame owns it. */
    private readonly allocate: (sizeBytes: number) => Buffer = (sizeBytes) => Buffer.allocUnsafe(sizeBytes),
  ) {}

  /** The frames that are complete with this chunk. */
  *push(chunk: Uint8Array): Generator<Frame> {
    for (let at = 0; at < chunk.length; ) {
      if (!this.#payload) {
        at += this.#takeHeader(chunk, at);
        if (this.#headerBytes < HEADER_BYTES) return;
        this.#payload = this.allocate(this.#acceptedLength());
      }
      at += this.#takePayload(chunk, at, this.#payload);
      if (this.#payloadBytes === this.#payload.length) yield this.#finish(this.#payload);
    }
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const taken = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at);
    this.#header.set(chunk.subarray(at, at + taken), this.#headerBytes);
    this.#headerBytes += taken;
    return taken;
  }

  #takePayload(chunk: Uint8Array, at: number, payload: Buffer): number {
    const taken = Math.min(payload.length - this.#payloadBytes, chunk.length - at);
    payload.set(chunk.subarray(at, at + taken), this.#payloadBytes);
    this.#payloadBytes += taken;
    return taken;
  }

  #acceptedLength(): number {
    const length = this.#header.readUInt32BE(0);
    const type = this.#header.readUInt8(4);
    const limit = this.limits.get(type);
    if (limit === undefined) throw new ProtocolViolation(`a frame of type ${type} has no place here`);
    if (length > limit)
      throw new ProtocolViolation(`a frame of type ${type} has ${length} bytes; ${limit} are allowed`);
    return length;
  }

  #finish(payload: Buffer): Frame {
    const frame = { type: this.#header.readUInt8(4), requestId: this.#header.readUInt32BE(5), payload };
    this.#payload = undefined;
    this.#headerBytes = 0;
    this.#payloadBytes = 0;
    return frame;
  }
}
