/** Peers that a download may meet, each a function of the stream on which the download speaks to it. */
import { randomBytes } from 'node:crypto';
import { Duplex, Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { CID_BYTES, PIECE_BYTES } from '@allibrary/core';
import {
  type Frame,
  FrameDecoder,
  FrameType,
  type PayloadLimits,
  REPLY_LIMITS,
  REQUEST_LIMITS,
  frameHeader,
} from '../wire/frames.ts';
import { encodeDescription } from '../wire/messages.ts';
import type { PeerBehaviour } from './transfer-fixture.ts';

/** Takes everything, and says nothing. */
export const silent: PeerBehaviour = (stream) => void stream.resume();

/** Says that it has everything, and sends random bytes for each piece. */
export const sendsWrongPieces = (sizeBytes: number): PeerBehaviour =>
  answering(sizeBytes, { piece: () => randomBytes(PIECE_BYTES) });

/** Says that it has everything, and sends random bytes for the nodes of the manifest. */
export const sendsWrongManifest = (sizeBytes: number): PeerBehaviour =>
  answering(sizeBytes, { node: () => randomBytes(2_000) });

/** Answers the first request with frames that nobody asked for, without an end. */
export const endless: PeerBehaviour = async (stream) => {
  const frame = Buffer.concat([frameHeader(FrameType.PieceBytes, 1, PIECE_BYTES), randomBytes(PIECE_BYTES)]);
  while (!stream.destroyed && stream.write(frame)) await delay(1);
  stream.on('drain', () => stream.write(frame));
};

/** Gives one byte a second of what another peer gives. */
export const drips =
  (behaviour: PeerBehaviour): PeerBehaviour =>
  (stream) =>
    behaviour(slowly(stream));

/** What goes out goes by one byte a second; what comes in comes as it is. */
function slowly(stream: Duplex): Duplex {
  const out = new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) {
        if (stream.destroyed) break;
        this.push(Buffer.from([byte]));
        await delay(1_000, undefined, { ref: false });
      }
      done();
    },
  });
  out.pipe(stream);
  const duplex = Object.create(stream, {
    write: { value: out.write.bind(out) },
    end: { value: out.end.bind(out) },
  }) as Duplex;
  return duplex;
}

type Answers = { readonly [Kind in 'node' | 'piece']?: () => Buffer };

/** Answers each request by the book, but for the bytes. */
const answering =
  (sizeBytes: number, { node, piece }: Answers): PeerBehaviour =>
  (stream) => {
    const decoder = new FrameDecoder(REQUEST_LIMITS);
    const reply = ({ requestId }: Frame, type: FrameType, payload: Buffer) =>
      stream.write(Buffer.concat([frameHeader(type, requestId, payload.length), payload]));
    const description = encodeDescription({ name: 'lie.bin', mediaType: 'application/octet-stream', sizeBytes });
    stream.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) {
        if (frame.type === FrameType.Describe) reply(frame, FrameType.Description, description);
        if (frame.type === FrameType.Holdings) reply(frame, FrameType.HeldPieces, Buffer.alloc(0));
        if (frame.type === FrameType.Node && node) reply(frame, FrameType.Block, node());
        if (frame.type === FrameType.Piece && piece) reply(frame, FrameType.PieceBytes, piece());
      }
    });
  };

/** What a peer is asked for, and what it does wrong. */
export interface Corruption {
  /** Whether the bytes of a piece are changed on their way, the `count`th time that it is sent. */
  readonly isWrong: (index: number, count: number) => boolean;
  /** Takes note of each piece that is asked for. */
  readonly onAsked?: (index: number) => void;
}

/** Gives what another peer gives, some pieces of it with wrong bytes. */
export const corrupts =
  (behaviour: PeerBehaviour, { isWrong, onAsked }: Corruption): PeerBehaviour =>
  (stream) => {
    const asked = new Map<number, number>();
    const sent = new Map<number, number>();
    const requests = eachFrame(REQUEST_LIMITS, ({ type, requestId, payload }) => {
      if (type !== FrameType.Piece) return;
      asked.set(requestId, payload.readUInt32BE(CID_BYTES));
      onAsked?.(payload.readUInt32BE(CID_BYTES));
    });
    const replies = eachFrame(REPLY_LIMITS, ({ type, requestId, payload }) => {
      const index = asked.get(requestId);
      if (type !== FrameType.PieceBytes || index === undefined) return;
      const count = (sent.get(index) ?? 0) + 1;
      sent.set(index, count);
      if (isWrong(index, count)) payload[0] = (payload[0] ?? 0) ^ 1;
    });
    replies.pipe(stream);
    return behaviour(Duplex.from({ readable: stream.pipe(requests), writable: replies }));
  };

/** Passes frames on after the visitor has seen them, and maybe changed them. */
function eachFrame(limits: PayloadLimits, visit: (frame: Frame) => void): Transform {
  const decoder = new FrameDecoder(limits);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const frame of decoder.push(chunk)) {
        visit(frame);
        const { type, requestId, payload } = frame;
        this.push(Buffer.concat([frameHeader(type as FrameType, requestId, payload.length), payload]));
      }
      done();
    },
  });
}
