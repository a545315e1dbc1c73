import { expect, test } from 'vitest';
import { describedBy, possiblyDescribedBy, sidecarsOf } from './sidecars.ts';

const FOLDER = ['book.pdf', 'book.epub', 'book.pdf.json', 'book.opf', 'metadata.opf', 'data.json', 'README'];

test('the sidecar that means one file alone comes first', () => {
  expect(sidecarsOf('book.pdf')).toEqual(['book.pdf.json', 'book.pdf.opf', 'book.opf', 'metadata.opf']);
  expect(sidecarsOf('README')).toEqual(['README.json', 'README.opf', 'README.opf', 'metadata.opf']);
  expect(sidecarsOf('book.opf')).toEqual([]);
});

test.each([
  ['book.pdf.json', ['book.pdf']],
  ['book.opf', ['book.pdf', 'book.epub']],
  ['metadata.opf', ['book.pdf', 'book.epub', 'book.pdf.json', 'data.json', 'README']],
  ['data.json', []],
  ['book.pdf', []],
])('%s describes %j', (sidecar, described) => {
  expect(describedBy(sidecar, FOLDER)).toEqual(described);
});

test('a sidecar in JSON can describe one file, a package document any in its folder, and nothing else describes', () => {
  expect(['book.pdf.json', 'book.opf', 'book.pdf'].map(possiblyDescribedBy)).toEqual([['book.pdf'], null, []]);
});
