// Pure rules.
import { expect, test } from 'vitest';
import { withoutInvisible } from './visible-text.ts';
import { wordsOf } from './words.ts';

test.each([
  ['a soft hyphen', '\u00AD'],
  ['a space of no width', '\u200B'],
  ['a word joiner', '\u2060'],
  ['a grapheme joiner', '\u034F'],
  ['a Mongolian vowel separator', '\u180E'],
  ['a mark of direction', '\u200F'],
  ['a byte order mark', '\uFEFF'],
  ['a joiner between Latin letters', '\u200D'],
  ['a non-joiner between Latin letters', '\u200C'],
  ['a selector of variants', '\uFE0F'],
])('%s divides no word', (_, sign) => {
  expect(withoutInvisible(`her${sign}on`)).toBe('heron');
  expect(wordsOf(`her${sign}on`)).toEqual(['heron']);
});

test('joiners that show stay in a text', () => {
  for (const text of ['राष्ट्‍र', 'می‌خواهم', '👩‍🌾']) expect(withoutInvisible(text)).toBe(text);
});

test('joiners of Indian scripts make no difference to a search', () => {
  expect(wordsOf('राष्ट्\u200Dर')).toEqual(wordsOf('राष्ट्र'));
  expect(wordsOf('അവന്\u200D')).toEqual(wordsOf('അവൻ'));
  expect(wordsOf('👩\u200D🌾')).toEqual([]);
});

test('a non-joiner of Persian parts words', () => {
  expect(wordsOf('می\u200Cخواهم')).toEqual(wordsOf('می خواهم'));
});
