import { expect, test } from 'vitest';
import { isUnchanged } from './sighting.ts';

const file = { sizeBytes: 5, modifiedAtMs: 1, inode: '1:7' };

test('a device that has another number after a restart changes nothing', () => {
  expect(isUnchanged(file, { ...file, inode: '2:7' }, true)).toBe(true);
});

test.each([{ sizeBytes: 6 }, { modifiedAtMs: 2 }, { inode: '1:8' }])('%o is a change', (change) => {
  expect(isUnchanged(file, { ...file, ...change }, true)).toBe(false);
});

test('where inodes are not kept, they say nothing', () => {
  expect(isUnchanged(file, { ...file, inode: '1:8' }, false)).toBe(true);
});
