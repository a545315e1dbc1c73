import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberedFileName, safeFileName } from './file-name.ts';

test.each([
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['two\nlines.txt', 'two lines.txt'],
  ['.hidden', 'hidden'],
  ['C:\\temp\\x.txt', 'C__temp_x.txt'],
  ['...', 'stand-in'],
  ['', 'stand-in'],
])('%j becomes %j', (given, safe) => {
  expect(safeFileName(given, 'stand-in')).toBe(safe);
});

test('whatever a stranger sends, the name is a visible file of one folder and fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.integer({ min: 1, max: 99 }), (given, number) => {
      const name = numberedFileName(safeFileName(given, 'stand-in'), number);
      expect(name).not.toMatch(/[/\\\n\r\0]|^\./);
      expect(name.length).toBeGreaterThan(0);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    }),
  );
});

test('a taken name is numbered before its extension', () => {
  expect(numberedFileName('report.pdf', 2)).toBe('report (2).pdf');
  expect(numberedFileName(`${'é'.repeat(120)}.pdf`, 12)).toBe(`${'é'.repeat(120)} (12).pdf`);
});
