import { expect, test } from 'vitest';
import { parseQuery, soughtWords, toMatchExpression } from './query.ts';

const expressionOf = (text: string): string | null => {
  const query = parseQuery(text);
  return query && toMatchExpression(query);
};

test.each([
  ['heron', '"heron"*'],
  ['grey heron', '"grey" AND "heron"*'],
  ["don't panic", '"don t" AND "panic"*'],
  ['annual_report-2024', '"annual report 2024"*'],
  ['NEAR OR "AND" NOT (x)', '"near" AND "or" AND "and" AND "not" AND "x"'],
  ['body:heron^2 her*', '"body heron 2" AND "her"*'],
  ['plan b', '"plan" AND "b"'],
  ['žluťoučký 🐎 kůň', '"zlutoucky" AND "kun"*'],
  ['a\0b heron', '"a b" AND "heron"*'],
  ['"grey heron" nest', '"grey heron" AND "nest"*'],
  ['nest "grey heron"', '"nest" AND "grey heron"'],
  ['\u201Egrey heron\u201C', '"grey heron"'],
  ['"grey heron', '"grey" AND "heron"*'],
  ['heron -goose', '"heron" NOT "goose"'],
  ['grey -"sea goose" heron', '"grey" AND "heron"* NOT "sea goose"'],
  ['self-taught', '"self taught"*'],
  ['東京 ラーメン', '"東 京" AND "ラ ー メ ン"'],
  ['heron - a bird', '"heron" AND "a" AND "bird"*'],
])('%j is searched as %s', (text, expression) => {
  expect(expressionOf(text)).toBe(expression);
});

test.each(['', '   ', '—', '"', '*', '🐎', '\0', '() ^ : -', '-heron', '"" -"grey heron"'])(
  '%j holds no word',
  (text) => {
    expect(parseQuery(text)).toBeNull();
  },
);

test('words beyond the limit are left out', () => {
  expect(parseQuery('aa '.repeat(200))?.phrases).toHaveLength(32);
});

test('the words that are looked for have neither case nor accents', () => {
  const query = parseQuery("Don't Žluť");
  expect(query && soughtWords(query)).toEqual([
    { texts: ['don'], isPrefix: false },
    { texts: ['t'], isPrefix: false },
    { texts: ['zlut'], isPrefix: true },
  ]);
});
