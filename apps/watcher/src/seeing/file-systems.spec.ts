import { expect, test } from 'vitest';
import { fileSystemType } from './file-systems.ts';

test.each([
  ['ext', 0xef53, true, true],
  ['tmpfs', 0x01021994, true, true],
  ['NFS', 0x6969, false, true],
  ['SMB', 0xff534d42, false, false],
  ['FUSE', 0x65735546, false, false],
  ['9P', 0x01021997, false, false],
])('%s', (name, magic, reportsChanges, keepsInodes) => {
  expect(fileSystemType(magic)).toEqual({ name, reportsChanges, keepsInodes });
});

test('numbers above 2^31 are known, signed or not', () => {
  expect(fileSystemType(0x9123683e | 0).name).toBe('btrfs');
});

test('a type that is not listed is taken for a local one, and named by its number', () => {
  expect(fileSystemType(0x1234)).toMatchObject({ name: 'unlisted (0x1234)', reportsChanges: true });
});
