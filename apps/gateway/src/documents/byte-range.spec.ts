import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRange } from './byte-range.ts';

const part = (offset: number, length: number) => ({ kind: 'part', range: { offset, length } });

describe('parseRange', () => {
  test.each([
    ['bytes=0-0', 10, part(0, 1)],
    ['bytes=0-9', 10, part(0, 10)],
    ['bytes=0-10', 10, part(0, 10)],
    ['bytes=9-', 10, part(9, 1)],
    ['bytes=-1', 10, part(9, 1)],
    ['bytes=-11', 10, part(0, 10)],
    ['Bytes= 2-3 ', 10, part(2, 2)],
    ['bytes=10-', 10, { kind: 'unsatisfiable' }],
    ['bytes=-0', 10, { kind: 'unsatisfiable' }],
    ['bytes=0-', 0, { kind: 'unsatisfiable' }],
    ['bytes=-1', 0, { kind: 'unsatisfiable' }],
    [undefined, 10, { kind: 'whole' }],
    ['', 10, { kind: 'whole' }],
    ['bytes=-', 10, { kind: 'whole' }],
    ['bytes=5-4', 10, { kind: 'whole' }],
    ['bytes=0-1,3-4', 10, { kind: 'whole' }],
    ['pages=1-2', 10, { kind: 'whole' }],
    ['bytes=1e3-', 10, { kind: 'whole' }],
    ['bytes=99999999999999999999-', 10, { kind: 'whole' }],
  ])('%s of %d bytes', (header, sizeBytes, expected) => {
    expect(parseRange(header, sizeBytes)).toEqual(expected);
  });

  test('a range is the same slice as that of an array', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(60), fc.nat(60), (sizeBytes, first, extra) => {
        const bytes = Array.from({ length: sizeBytes }, (_, index) => index);
        const asked = parseRange(`bytes=${first}-${first + extra}`, sizeBytes);
        const expected = bytes.slice(first, first + extra + 1);
        if (asked.kind !== 'part') return asked.kind === 'unsatisfiable' && expected.length === 0;
        const { offset, length } = asked.range;
        expect(bytes.slice(offset, offset + length)).toEqual(expected);
        return length === expected.length;
      }),
    );
  });

  test('whatever the header says, a part lies inside the document', () => {
    const headers = fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,17}-\d{0,17}$/));
    fc.assert(
      fc.property(headers, fc.nat(1_000), (header, sizeBytes) => {
        const asked = parseRange(header, sizeBytes);
        if (asked.kind !== 'part') return;
        expect(asked.range.length).toBeGreaterThan(0);
        expect(asked.range.offset + asked.range.length).toBeLessThanOrEqual(sizeBytes);
      }),
    );
  });
});
