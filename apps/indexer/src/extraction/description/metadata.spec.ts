import { DocumentMetadata } from '@allibrary/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_METADATA, combined, metadataOf, type Term } from './metadata.ts';

const of = (term: Term, ...values: string[]): DocumentMetadata => metadataOf(values.map((value) => ({ term, value })));

test('a document that says nothing of itself', () => {
  expect(metadataOf([])).toEqual(NO_METADATA);
});

test.each([
  [['  Of\n herons '], 'Of herons'],
  [['untitled', 'Of herons'], 'Of herons'],
  [['Microsoft Word - Of herons'], 'Of herons'],
  [['Microsoft Word - draft7.doc'], null],
  [['book.indd'], null],
  [['—'], null],
  [['1984'], '1984'],
])('the title of %j', (values, title) => {
  expect(of('title', ...values).title).toBe(title);
});

test('the creators are named once, in order', () => {
  expect(of('creator', 'Ann Reed; Bo Lake', 'Ann Reed', ' ').creators).toEqual(['Ann Reed', 'Bo Lake']);
});

test.each([
  ['1998', 1998],
  ['1998-07-01T12:00:00Z', 1998],
  ['D:19980701120000Z', 1998],
  ['-0300', -300],
  ['July 1998', 1998],
  ['©', null],
  ['D:20', null],
])('the year of %j', (date, year) => {
  expect(of('date', date).year).toBe(year);
});

test.each([
  ['urn:isbn:978-0-306-40615-7', { scheme: 'isbn', value: '9780306406157' }],
  ['ISBN 0-306-40615-2', { scheme: 'isbn', value: '9780306406157' }],
  ['080442957X', { scheme: 'isbn', value: '9780804429573' }],
  ['978-0-306-40615-8', null],
  ['https://doi.org/10.1000/Xyz(1)', { scheme: 'doi', value: '10.1000/xyz(1)' }],
  ['doi:10.1000/182', { scheme: 'doi', value: '10.1000/182' }],
  ['urn:uuid:0f', null],
])('the identifier %j', (value, identifier) => {
  expect(of('identifier', value).identifiers).toEqual(identifier ? [identifier] : []);
});

test.each([
  ['en-GB', 'en'],
  ['DE', 'de'],
  ['ces_CZ', 'cs'],
  ['english', null],
])('the language %j', (tag, language) => {
  expect(of('language', tag).language).toBe(language);
});

test('subjects are parted at commas', () => {
  expect(of('subject', 'birds, herons', 'water').subjects).toEqual(['birds', 'herons', 'water']);
});

test('whatever a document says of itself keeps to the contract', () => {
  const term = fc.constantFrom<Term>('title', 'creator', 'date', 'publisher', 'subject', 'identifier', 'language');
  const statement = fc.record({ term, value: fc.string({ unit: 'binary', maxLength: 3_000 }) });
  fc.assert(
    fc.property(fc.array(statement), (statements) => {
      const metadata = metadataOf(statements);
      expect(DocumentMetadata.parse(metadata)).toEqual(metadata);
    }),
  );
});

test('of several descriptions each thing comes from the first that says it', () => {
  const sidecar = metadataOf([{ term: 'title', value: 'Of Herons' }]);
  const own = metadataOf([
    { term: 'title', value: 'Scan 17' },
    { term: 'creator', value: 'Ann Reed' },
  ]);
  expect(
    combined([
      ['sidecar', sidecar],
      ['document', own],
      ['text', { language: 'en' }],
    ]),
  ).toEqual({
    metadata: { ...NO_METADATA, title: 'Of Herons', creators: ['Ann Reed'], language: 'en' },
    origins: { title: 'sidecar', creators: 'document', language: 'text' },
  });
});
