import { expect, test } from 'vitest';
import { countWords } from './words.ts';

test.each([
  ['', 0],
  [' —  … ', 0],
  ['one', 1],
  ['two words', 2],
  ['café cafe\u0301 2024', 3],
  ["don't stop", 3],
])('%j has %i words', (text, words) => {
  expect(countWords(text)).toBe(words);
});
