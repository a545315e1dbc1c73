import fc from 'fast-check';
import { expect, test } from 'vitest';
import { passagesOf } from './passages.ts';

test('no text has no passage', () => {
  expect([...passagesOf('')]).toEqual([]);
});

test.each([
  [1, 1],
  [16_383, 1],
  [16_384, 1],
  [16_385, 2],
  [100_000, 7],
])('a text of %i characters is cut between its words', (length, count) => {
  const text = 'heron stands '.repeat(10_000).slice(0, length);
  const passages = [...passagesOf(text)];
  expect(passages.join('')).toBe(text);
  expect(passages).toHaveLength(count);
  expect(passages.slice(1).every((passage) => passage.startsWith(' '))).toBe(true);
});

test('any text is the sum of its passages, and no character is torn', () => {
  const text = fc.tuple(fc.string({ unit: 'binary' }), fc.nat(3), fc.integer({ min: 1, max: 9_000 }));
  fc.assert(
    fc.property(text, ([unit, lead, times]) => {
      const whole = 'x'.repeat(lead) + `${unit}🐦`.repeat(times);
      const passages = [...passagesOf(whole)];
      expect(passages.join('') === whole).toBe(true);
      expect(passages.every((passage) => passage.isWellFormed() || !whole.isWellFormed())).toBe(true);
      expect(passages.every((passage) => passage.length > 0 && passage.length <= 16_384)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
