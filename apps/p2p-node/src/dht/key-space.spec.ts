import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closest, commonBits, isIn, keyWithin, placeOf, regionOf } from './key-space.ts';

const place = fc.uint8Array({ minLength: 32, maxLength: 32 });
const distance = (a: Uint8Array, b: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0))).toString('hex')}`);

describe('regions', () => {
  test('a place lies in its own region of every size, and in no neighbour', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 256 }), (each, bits) => {
        const region = regionOf(each, bits);
        expect(isIn(region, each)).toBe(true);
        expect(isIn(region.slice(0, -1) + (region.endsWith('0') ? '1' : '0'), each)).toBe(false);
      }),
    );
  });

  test('two places share the regions that their common bits name, and no smaller one', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const bits = commonBits(a, b);
        expect(regionOf(a, bits)).toBe(regionOf(b, bits));
        if (bits < 256) expect(regionOf(a, bits + 1)).not.toBe(regionOf(b, bits + 1));
      }),
    );
    expect(commonBits(new Uint8Array(32), new Uint8Array(32))).toBe(256);
  });

  test('a key can be found for each region', () => {
    for (const region of ['', '0', '1', '10110', '000000000'])
      expect(isIn(region, placeOf(keyWithin(region)))).toBe(true);
  });
});

test('the closest places are those with the least distance, also when they differ late only', () => {
  const late = fc.tuple(fc.constant(new Uint8Array(24)), fc.uint8Array({ minLength: 8, maxLength: 8 }));
  const either = fc.oneof(
    place,
    late.map(([head, tail]) => new Uint8Array([...head, ...tail])),
  );
  fc.assert(
    fc.property(
      either,
      fc.array(either, { maxLength: 60 }),
      fc.integer({ min: 1, max: 25 }),
      (target, places, count) => {
        const distances = closest(
          target,
          places.map((each) => ({ place: each })),
          count,
        )
          .map((each) => distance(target, each.place))
          .sort((a, b) => (a < b ? -1 : 1));
        const all = places.map((each) => distance(target, each)).sort((a, b) => (a < b ? -1 : 1));
        expect(distances).toEqual(all.slice(0, count));
      },
    ),
  );
});
