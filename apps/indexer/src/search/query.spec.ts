import { expect, test } from 'vitest';
import { parseQuery, soughtPhrases, toMatchExpression } from './query.ts';

const expressionOf = (text: string): string | null => {
  const query = parseQuery(text);
  return query && toMatchExpression(query);
};

test.each([
  ['heron', '("heron" OR "heron"*)'],
  ['grey heron', '"grey" AND ("heron" OR "heron"*)'],
  ["don't panic", '("don t" OR "dont") AND ("panic" OR "panic"*)'],
  ["o'zbekiston", '("o zbekiston" OR "o zbekiston"* OR "ozbekiston" OR "ozbekiston"*)'],
  ['o\u02BBzbekiston', '("o zbekiston" OR "o zbekiston"* OR "ozbekiston" OR "ozbekiston"*)'],
  ['rock -"the qur\u2019an"', '"rock" NOT ("the qur an" OR "the quran")'],
  ['می\u200Cخواهم', '("مي خواهم" OR "مي خواهم"* OR "ميخواهم" OR "ميخواهم"*)'],
  ['ISBN 3-16-148410-X heron', '("isbn9783161484100" OR "3 16 148410 x" OR "316148410x") AND ("heron" OR "heron"*)'],
  [
    'heron -978-3-16-148410-0',
    '("heron" OR "heron"*) NOT ("isbn9783161484100" OR "978 3 16 148410 0" OR "9783161484100")',
  ],
  ['9783161484100', '("isbn9783161484100" OR "9783161484100" OR "9783161484100")'],
  ['9783161484101', '("9783161484101" OR "9783161484101"*)'],
  ['annual_report-2024', '("annual report 2024" OR "annual report 2024"*)'],
  ['NEAR OR "AND" NOT (x)', '"near" AND "or" AND "and" AND "not" AND "x"'],
  ['body:heron^2 her*', '"body heron 2" AND ("her" OR "her"*)'],
  ['plan b', '"plan" AND "b"'],
  ['žluťoučký 🐎 kůň', '"zlutoucky" AND ("kun" OR "kun"*)'],
  ['a\0b heron', '"a b" AND ("heron" OR "heron"*)'],
  ['"grey heron" nest', '"grey heron" AND ("nest" OR "nest"*)'],
  ['nest "grey heron"', '"nest" AND "grey heron"'],
  ['\u201Egrey heron\u201C', '"grey heron"'],
  ['"grey heron', '"grey" AND ("heron" OR "heron"*)'],
  ['heron -goose', '"heron" NOT "goose"'],
  ['grey -"sea goose" heron', '"grey" AND ("heron" OR "heron"*) NOT "sea goose"'],
  ['self-taught', '("self taught" OR "self taught"*)'],
  ['東京 ラーメン', '"東 京" AND "ラ ー メ ン"'],
  ['heron - a bird', '"heron" AND "a" AND ("bird" OR "bird"*)'],
])('%j is searched as %s', (text, expression) => {
  expect(expressionOf(text)).toBe(expression);
});

test.each(['', '   ', '—', '"', '*', '🐎', '\0', '() ^ : -', '-heron', '-9783161484100', '"" -"grey heron"'])(
  '%j holds no word',
  (text) => {
    expect(parseQuery(text)).toBeNull();
  },
);

test('words beyond the limit are left out', () => {
  expect(parseQuery('aa '.repeat(200))?.phrases).toHaveLength(32);
});

test('the words that are looked for have neither case nor accents', () => {
  const query = parseQuery('Don Žluť');
  expect(query && soughtPhrases(query)).toEqual([
    [{ words: ['don'], isPrefix: false }],
    [{ words: ['zlut'], isPrefix: true }],
  ]);
});
