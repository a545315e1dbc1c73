import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidCursor, readCursor, writeCursor } from './cursor.ts';

test('a cursor comes back as the number it was written from', () => {
  fc.assert(
    fc.property(fc.nat(), (number) => {
      expect(readCursor(writeCursor(number) ?? '')).toBe(number);
    }),
  );
  expect(readCursor(undefined)).toBeUndefined();
  expect(writeCursor(null)).toBeNull();
});

test('a cursor that somebody made up is refused', () => {
  for (const made of ['', '5', 'abc', Buffer.from('n-1').toString('base64url')])
    expect(() => readCursor(made)).toThrow(InvalidCursor);
});
