import { expect, test } from 'vitest';
import { suggestionOf } from './suggestion.ts';

const meanings = new Map([
  ['heren', ['heron', 'haren']],
  ['grey', ['greys']],
]);
const isKnown = (word: string) => word === 'grey';

test.each([
  ['grey Heren', 'grey heron'],
  ['"the" heren, -goose', '"the" heron, -goose'],
  ['grey', null],
  ['unknown', null],
])('%j was probably meant as %j', (typed, meant) => {
  expect(suggestionOf(typed, meanings, isKnown)).toBe(meant);
});
