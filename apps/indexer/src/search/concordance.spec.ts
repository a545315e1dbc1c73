import { expect, test } from 'vitest';
import { Concordance, ConcordanceWriter } from './concordance.ts';
import { type Query, parseQuery, soughtPhrases } from './query.ts';

const PASSAGES = ['the goose', 'the grey goose', 'the heron', 'a grey heronry', 'reeds', 'a heron of grey'];

function passagesFor(text: string): number[] {
  const writer = new ConcordanceWriter();
  for (const [number, passage] of PASSAGES.entries()) writer.add(number, passage.split(' '));
  return new Concordance(String(writer)).passagesWith(soughtPhrases(parseQuery(text) as Query));
}

test.each<[string, string, number[]]>([
  ['a finished word', 'reeds x', [4]],
  ['an unfinished word', 'hero', [2, 3, 5]],
  ['a part of a word', 'eron', []],
  ['most words first, then the rarer word', '"heron" "grey"', [5, 2, 1, 3]],
  ['only passages with all words of a phrase', '"grey goose"', [1]],
  ['any spelling', "gre'y", [1, 3, 5]],
])('%s', (_rule, text, passages) => {
  expect(passagesFor(text)).toEqual(passages);
});
