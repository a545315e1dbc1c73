import { expect, test } from 'vitest';
import { countWords, fold } from './words.ts';

test.each([
  ['', 0],
  [' —  … ', 0],
  ['one', 1],
  ['two words', 2],
  ['café cafe\u0301 2024', 3],
  ["don't stop", 3],
])('%j has %i words', (text, words) => {
  expect(countWords(text)).toBe(words);
  expect(countWords(text)).toBe(words);
});

test.each([
  ['HERON', 'heron'],
  ['Žluťoučký Kůň', 'zlutoucky kun'],
  ['CAFE\u0301', 'cafe'],
  ['Ἀθῆναι', 'αθηναι'],
  ['鳥🐦', '鳥🐦'],
])('%s is compared as %s', (text, folded) => {
  expect(fold(text)).toBe(folded);
});
