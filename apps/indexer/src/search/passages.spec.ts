import fc from 'fast-check';
import { expect, test } from 'vitest';
import { passagesOf as divided } from './passages.ts';
import { joinSections } from '../extraction/text/sections.ts';

const passagesOf = (text: string): string[] => [...divided({ text, divisions: [] })].map((passage) => passage.text);

test('no text has no passage', () => {
  expect(passagesOf('')).toEqual([]);
});

test.each([
  [1, 1],
  [16_383, 1],
  [16_384, 1],
  [16_385, 2],
  [100_000, 7],
])('a text of %i characters is cut between its words', (length, count) => {
  const text = 'heron stands '.repeat(10_000).slice(0, length);
  const passages = passagesOf(text);
  expect(passages.join('')).toBe(text);
  expect(passages).toHaveLength(count);
  expect(passages.slice(1).every((passage) => passage.startsWith(' '))).toBe(true);
});

test('any text is the sum of its passages, and no character is torn', () => {
  const text = fc.tuple(fc.string({ unit: 'binary' }), fc.nat(3), fc.integer({ min: 1, max: 9_000 }));
  fc.assert(
    fc.property(text, ([unit, lead, times]) => {
      const whole = 'x'.repeat(lead) + `${unit}🐦`.repeat(times);
      const passages = passagesOf(whole);
      expect(passages.join('') === whole).toBe(true);
      expect(passages.every((passage) => passage.isWellFormed() || !whole.isWellFormed())).toBe(true);
      expect(passages.every((passage) => passage.length > 0 && passage.length <= 16_384)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('no passage reaches over the end of a page or chapter', () => {
  const pages = [
    { page: 1, chapter: 'Herons', text: 'one' },
    { page: 2, chapter: 'Herons', text: '' },
    { page: 3, chapter: 'Egrets', text: 'three '.repeat(3_000) },
  ];
  const passages = [...divided(joinSections(pages))];
  expect(passages.map(({ page, chapter }) => [page, chapter])).toEqual([
    [1, 'Herons'],
    [2, 'Herons'],
    [3, 'Egrets'],
    [3, 'Egrets'],
  ]);
  expect(passages.map(({ text }) => text).join('')).toBe(joinSections(pages).text);
});
