import { expect, test } from 'vitest';
import { identifierWord, identifiersIn } from './identifiers.ts';

const ISBN = 'isbn9783161484100';
const wordsIn = (text: string): string[] => identifiersIn(text).map(({ word }) => word);

test.each([
  '9783161484100',
  '978-3-16-148410-0',
  '978 3 16 148410 0',
  '978-3161484100',
  '978\u20113\u201116\u2011148410\u20110',
  '3-16-148410-X',
  '316148410x',
  'ISBN 3 16 148410 X',
  'ISBN-13: 978-3-16-148410-0',
  '(isbn:316148410X).',
])('%j names the one ISBN', (written) => {
  expect(wordsIn(`before ${written} behind`)).toEqual([ISBN]);
});

test.each([
  '978-3-16-148410-1',
  '3-16-148410-1',
  '97831614841005',
  'x316148410X',
  '1234567890123',
  '2024-11-28',
  '10.5/12',
  'version 10.1000',
])('%j names nothing', (written) => {
  expect(wordsIn(written)).toEqual([]);
});

const DOI = identifierWord({ scheme: 'doi', value: '10.1000/abc(1)-2' });
test.each([
  '10.1000/abc(1)-2',
  'doi:10.1000/ABC(1)-2.',
  'DOI 10.1000/abc(1)-2, 1998',
  'https://doi.org/10.1000/abc(1)-2',
  'http://dx.doi.org/10.1000%2Fabc(1)-2',
  '“10.1000/abc(1)-2”',
])('%j names the one DOI', (written) => {
  expect(wordsIn(written)).toEqual([DOI]);
});

test('a closing bracket belongs to a DOI only when the DOI opens it', () => {
  expect(wordsIn('(10.1000/abc) 10.1000/a(bc)')).toEqual(
    ['10.1000/abc', '10.1000/a(bc)'].map((value) => identifierWord({ scheme: 'doi', value })),
  );
});

test('an identifier is found where it stands, with its prefix', () => {
  const text = 'See ISBN 978-3-16-148410-0, and doi:10.1000/182.';
  expect(identifiersIn(text).map(({ at, length }) => text.slice(at, at + length))).toEqual([
    'ISBN 978-3-16-148410-0',
    'doi:10.1000/182',
  ]);
});

test('at most 5,000 identifiers are taken from one text', () => {
  expect(wordsIn('1 2 3 4 '.repeat(200_000)).length).toBeLessThanOrEqual(5_000);
  expect(wordsIn('10.1000/'.repeat(200_000)).length).toBeLessThanOrEqual(5_000);
});
