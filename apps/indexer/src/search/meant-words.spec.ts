import { expect, test } from 'vitest';
import { meaningsIn } from './meant-words.ts';
import { type Query, parseQuery } from './query.ts';

const meant = (typed: string, ...texts: string[]): unknown =>
  Object.fromEntries(meaningsIn(texts, parseQuery(typed) as Query));

test('a mistyped word means the words of the texts that are most like it, those with fewer typos first', () => {
  expect(meant('kingfishr', 'the kingfishes, the', 'Kingfisher')).toEqual({ kingfishr: ['kingfisher', 'kingfishes'] });
});

test.each([
  ['a word that stands there', 'heron', 'heron and herons'],
  ['a word that is like none', 'goose', 'heron'],
  ['a short word', 'her', 'hen'],
  ['a quoted word', '"heren"', 'heron'],
])('%s means nothing else', (_kind, typed, text) => {
  expect(meant(typed, text)).toEqual({});
});
