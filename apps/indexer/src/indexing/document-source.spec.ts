import { expect, test } from 'vitest';
import { changedLocations, sourceOf } from './document-source.ts';

const at = (collection: string, path: string) => ({ collection, path });
const visibilityOf = (collection: string) =>
  (({ books: 'public', letters: 'private' }) as const)[collection as 'books' | 'letters'];
const locations = [at('books', 'a/heron.txt'), at('letters', 'egret.txt'), at('gone', 'stork.txt')];

test('private files give neither names nor descriptions to a public document, and former collections to none', () => {
  const document = { name: 'heron.txt', locations };
  expect(sourceOf({ ...document, isPublic: true }, visibilityOf)).toEqual({
    ...{ names: ['heron.txt'], locations, describing: [at('books', 'a/heron.txt')] },
  });
  expect(sourceOf({ ...document, isPublic: false }, visibilityOf)).toEqual({
    ...{ names: ['heron.txt', 'egret.txt'], locations, describing: locations.slice(0, 2) },
  });
});

test('a document has each name of its files once, and always the one that is shown', () => {
  const namesOf = (...paths: string[]) =>
    sourceOf({ name: 'b.txt', isPublic: true, locations: paths.map((path) => at('books', path)) }, visibilityOf).names;
  expect(namesOf('a.txt', 'b.txt', 'x/a.txt')).toEqual(['b.txt', 'a.txt']);
  expect(namesOf()).toEqual(['b.txt']);
});

test('locations change when they come or go', () => {
  const [one, other] = [at('books', 'a.txt'), at('books', 'b.txt')];
  expect(changedLocations([one, other], [other, one])).toEqual([]);
  expect(changedLocations([one], [other])).toEqual([one, other]);
  expect(changedLocations([], [at('letters', 'a.txt')])).toEqual([at('letters', 'a.txt')]);
});
