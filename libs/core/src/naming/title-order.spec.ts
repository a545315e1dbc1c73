import { expect, test } from 'vitest';
import { titlesIn } from './title-order.ts';

test.each([
  ['und', ['Heft 1', 'Heft 2', 'heft 10', 'Öl', 'Zimt']],
  ['de-AT', ['Ähre', 'Anker', 'Öl', 'Zimt']],
  ['sv', ['Anker', 'Zimt', 'Ähre', 'Öl']],
  ['cs', ['Cena', 'Hora', 'Chata']],
  ['not a language', ['a', 'B', 'c']],
])('titles in %s are sorted as %j', (language, titles) => {
  expect(titles.toReversed().toSorted(titlesIn(language))).toEqual(titles);
});
