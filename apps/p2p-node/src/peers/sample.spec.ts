import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sample } from './sample.ts';

test('a sample holds items of the list, each once, and as many as were asked for', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat()), fc.nat(30), fc.infiniteStream(chance), (items, count, random) => {
      const drawn = sample(items, count, () => random.next().value as number);
      expect(drawn.length).toBe(Math.min(count, items.length));
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(drawn.every((item) => items.includes(item))).toBe(true);
    }),
  );
});

test('every item has its chance', () => {
  const drawn = new Set(Array.from({ length: 100 }, (_, n) => sample([1, 2, 3, 4], 1, () => n / 100)[0]));
  expect(drawn).toEqual(new Set([1, 2, 3, 4]));
});
