// Pure rules.
import { expect, test } from 'vitest';
import { withLettersTogether } from './spaced-letters.ts';

test.each([
  ['G R E Y  H E R O N S wade', 'GREY  HERONS wade'],
  ['R e i h e r', 'Reiher'],
  ['the heron I saw', 'the heron I saw'],
  ['a b c', 'a b c'],
  ['J. R. R. T. Reed', 'J. R. R. T. Reed'],
])('%j is read as %j', (text, read) => {
  expect(withLettersTogether(text)).toBe(read);
});
