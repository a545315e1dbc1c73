import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileVersion, isDamage, isOwnRepair } from './damage.ts';

const version = fc.record({
  sizeBytes: fc.nat(),
  modifiedAtMs: fc.double({ min: 0, max: 2e12, noNaN: true }),
  inode: fc.nat(),
});
const edits: readonly ((file: FileVersion) => FileVersion)[] = [
  (file) => ({ ...file, sizeBytes: file.sizeBytes + 1 }),
  (file) => ({ ...file, modifiedAtMs: file.modifiedAtMs + 1 }),
  (file) => ({ ...file, inode: file.inode + 1 }),
];

describe('wrong bytes', () => {
  test('are damage when the file looks as recorded before and after the reading', () => {
    fc.assert(fc.property(version, (file) => isDamage(file, { ...file }, { ...file })));
  });

  test('are an edit when anything differs, before the reading or after it', () => {
    fc.assert(
      fc.property(version, fc.constantFrom(...edits), (file, edit) => {
        expect(isDamage(file, edit(file), edit(file))).toBe(false);
        expect(isDamage(file, file, edit(file))).toBe(false);
      }),
    );
  });
});

describe('a new time is our own, of a repair that was cut off,', () => {
  const recorded = { sizeBytes: 10, modifiedAtMs: 1_000, inode: 7 };
  test.each([
    ['when it is of that moment', { ...recorded, modifiedAtMs: 50_001 }, true],
    ['but not when it is later', { ...recorded, modifiedAtMs: 80_000 }, false],
    ['but not when it is earlier', { ...recorded, modifiedAtMs: 40_000 }, false],
    ['but not when the size differs', { ...recorded, sizeBytes: 11, modifiedAtMs: 50_001 }, false],
    ['but not when the file was replaced', { ...recorded, inode: 8, modifiedAtMs: 50_001 }, false],
  ])('%s', (_, found, expected) => expect(isOwnRepair(recorded, found, 50_000)).toBe(expected));
});
