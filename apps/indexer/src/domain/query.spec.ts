import { expect, test } from 'vitest';
import { toMatchExpression } from './query.ts';

test.each([
  ['heron', '"heron"*'],
  ['grey heron', '"grey" AND "heron"*'],
  ["don't panic", '"don t" AND "panic"*'],
  ['annual_report-2024', '"annual report 2024"*'],
  ['NEAR OR "AND" NOT (x)', '"NEAR" AND "OR" AND "AND" AND "NOT" AND "x"'],
  ['body:heron^2 her*', '"body heron 2" AND "her"*'],
  ['plan b', '"plan" AND "b"'],
  ['žluťoučký 🐎 kůň', '"žluťoučký" AND "kůň"*'],
  ['a\0b heron', '"a b" AND "heron"*'],
])('%j is searched as %s', (text, expression) => {
  expect(toMatchExpression(text)).toBe(expression);
});

test.each(['', '   ', '—', '"', '*', '🐎', '\0', '() ^ : -'])('%j holds no word', (text) => {
  expect(toMatchExpression(text)).toBeNull();
});

test('words beyond the limit are left out', () => {
  expect(toMatchExpression('aa '.repeat(200))?.split(' AND ')).toHaveLength(32);
});
