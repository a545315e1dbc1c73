import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endsOf, canBeMeant, typosAllowedIn, typosBetween } from './typos.ts';

test.each([
  ['bird', 0],
  ['heron', 1],
  ['kingfish', 1],
  ['kingfishe', 2],
  ['isbn97802', 0],
  ['x'.repeat(33), 0],
])('%s may have %i typos', (word, typos) => {
  expect(typosAllowedIn(word)).toBe(typos);
});

test.each([
  ['heron', 'heron', 0],
  ['heron', 'herron', 1],
  ['heron', 'hern', 1],
  ['heron', 'heren', 1],
  ['heron', 'hreon', 1],
  ['kingfisher', 'kignfishre', 2],
])('between %s and %s are %i typos', (one, other, typos) => {
  expect(typosBetween(one, other)).toBe(typos);
});

test('a word with one typo has the beginning or the end of the one that was meant', () => {
  const letters = fc.constantFrom('a', 'b', 'c');
  const typo = fc.record({
    kind: fc.constantFrom('in', 'out', 'change', 'swap'),
    at: fc.nat(8),
    letter: letters,
  });
  const word = fc.string({ unit: letters, minLength: 5, maxLength: 9 });
  fc.assert(
    fc.property(word, typo, (meant, { kind, at, letter }) => {
      const place = at % (meant.length - 1);
      const [before, here, next, after] = [
        meant.slice(0, place),
        meant[place],
        meant[place + 1],
        meant.slice(place + 2),
      ];
      const typed = {
        in: `${before}${letter}${here}${next}${after}`,
        out: `${before}${next}${after}`,
        change: `${before}${letter}${next}${after}`,
        swap: `${before}${next}${here}${after}`,
      }[kind];
      fc.pre(typosAllowedIn(typed ?? '') === 1);
      const { start, end } = endsOf(typed ?? '', 1);
      expect(meant.startsWith(start) || meant.endsWith(end)).toBe(true);
      expect(canBeMeant(meant)).toBe(true);
    }),
  );
});
