import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareFolders, isInFolder } from './folder-order.ts';

const anyFolder = fc
  .array(fc.constantFrom('a', 'b', 'a b', 'a-b', 'é'), { maxLength: 4 })
  .map((names) => names.join('/'));

test('a folder comes before what lies in it, and all of that before its next neighbour', () => {
  const folders = ['b', 'a-b', 'a/c', '', 'a', 'a/b/d', 'a/b'];
  expect(folders.toSorted(compareFolders)).toEqual(['', 'a', 'a/b', 'a/b/d', 'a/c', 'a-b', 'b']);
});

test('it is an order', () => {
  fc.assert(
    fc.property(anyFolder, anyFolder, anyFolder, (one, two, three) => {
      expect(Math.sign(compareFolders(one, two))).toBe(0 - Math.sign(compareFolders(two, one)));
      expect(compareFolders(one, two) === 0).toBe(one === two);
      if (compareFolders(one, two) <= 0 && compareFolders(two, three) <= 0)
        expect(compareFolders(one, three)).toBeLessThanOrEqual(0);
    }),
  );
});

test('what lies in a folder', () => {
  expect(isInFolder('a/b', 'a') && isInFolder('a', 'a') && isInFolder('a', '')).toBe(true);
  expect(isInFolder('ab', 'a') || isInFolder('a', 'a/b')).toBe(false);
});
