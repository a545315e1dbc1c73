import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Frame,
  FrameDecoder,
  FrameType,
  ProtocolViolation,
  REPLY_LIMITS,
  REQUEST_LIMITS,
  frameHeader,
} from './frames.ts';

const frame = fc.record({
  type: fc.constantFrom(FrameType.Description, FrameType.Block, FrameType.PieceBytes, FrameType.Refused),
  requestId: fc.nat(0xffff_ffff),
  payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
});

const encode = ({ type, requestId, payload }: Frame): Buffer =>
  Buffer.concat([frameHeader(type as FrameType, requestId, payload.length), payload]);

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (frames, cuts) => {
        const decoder = new FrameDecoder(REPLY_LIMITS);
        const stream = Buffer.concat(frames.map(encode));
        const decoded: Frame[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = cuts[cut % cuts.length] ?? 1;
          decoded.push(...decoder.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(decoded).toEqual(frames);
      },
    ),
  );
});

describe('a frame that has no place is refused by its header alone', () => {
  const push = (decoder: FrameDecoder, bytes: Buffer) => [...decoder.push(bytes)];

  test.each([
    ['too long', frameHeader(FrameType.PieceBytes, 1, 1_048_577)],
    ['of the other side', frameHeader(FrameType.Piece, 1, 40)],
  ])('%s', (_, header) => {
    expect(() => push(new FrameDecoder(REPLY_LIMITS), header)).toThrow(ProtocolViolation);
  });

  test('random bytes never make a server take memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        let taken = 0;
        const decoder = new FrameDecoder(REQUEST_LIMITS, (sizeBytes) => {
          taken = Math.max(taken, sizeBytes);
          return Buffer.alloc(sizeBytes);
        });
        try {
          push(decoder, Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation);
        }
        expect(taken).toBeLessThanOrEqual(72);
      }),
    );
  });
});
