import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameType, MOST_NEWS, ProtocolViolation, REPLY_LIMITS } from './frames.ts';
import { decodeIndices, decodeRefusal, decodeRequest, encodeIndices, encodeRefusal } from './messages.ts';

test('a refusal says its code, its reason, and when to come back in whole seconds', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(100_000_000), fc.string({ maxLength: 400 }), (code, retryAfterMs, reason) => {
      const payload = encodeRefusal({ code, retryAfterMs, reason });
      expect(payload.length).toBeLessThanOrEqual(REPLY_LIMITS.get(FrameType.Refused) ?? 0);
      const said = decodeRefusal(payload);
      expect(said.code).toBe(code);
      expect(said.retryAfterMs).toBe(Math.min(65_535, Math.ceil(retryAfterMs / 1_000)) * 1_000);
      expect(said.reason).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('a list of pieces comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff_ffff), { minLength: 1, maxLength: MOST_NEWS }), (indices) => {
      expect(decodeIndices(encodeIndices(indices))).toEqual(indices);
    }),
  );
});

describe('what is not of the protocol is a violation', () => {
  test.each([
    ['a refusal of two bytes', () => decodeRefusal(Buffer.alloc(2))],
    ['an empty list of pieces', () => decodeIndices(Buffer.alloc(0))],
    ['half an index', () => decodeIndices(Buffer.alloc(6))],
  ])('%s', (_, decode) => {
    expect(decode).toThrow(ProtocolViolation);
  });

  test('random requests are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, 4), fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
        try {
          decodeRequest({ type, requestId: 1, payload: Buffer.from(bytes) });
        } catch (error) {
          expect((error as Error).name).toMatch(/^(ProtocolViolation|InvalidCid)$/);
        }
      }),
    );
  });
});
