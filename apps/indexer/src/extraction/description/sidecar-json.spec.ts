import { expect, test } from 'vitest';
import { metadataOf } from './metadata.ts';
import { statementsOfJson } from './sidecar-json.ts';

test('texts, numbers, lists and identifiers with a scheme are read, by the words that people use', () => {
  const sidecar = {
    title: 'Of Herons',
    authors: ['Ann Reed', 'Bo Lake'],
    year: 1998,
    tags: ['birds', 'water'],
    isbn: '0-306-40615-2',
    identifiers: [{ scheme: 'doi', value: '10.1000/xyz' }],
    'dc:language': 'en-GB',
    shelf: 'B7',
    notes: { title: 'no' },
  };
  expect(metadataOf(statementsOfJson(JSON.stringify(sidecar)))).toEqual({
    ...{
      title: 'Of Herons',
      creators: ['Ann Reed', 'Bo Lake'],
      year: 1998,
      publisher: null,
      subjects: ['birds', 'water'],
    },
    identifiers: [
      { scheme: 'isbn', value: '9780306406157' },
      { scheme: 'doi', value: '10.1000/xyz' },
    ],
    language: 'en',
  });
});

test.each(['', '[]', '"title"', 'null', '{"title": '])('%s is no sidecar', (text) => {
  expect(() => statementsOfJson(text)).toThrow(/JSON/);
});
