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
  ['annual\u202Efdp.exe', 'annual fdp.exe'],
  ['a\u2028b\u200Fc\uFEFF.txt', 'a b c .txt'],
  ['\u200D\u200B', 'stand-in'],
])('%j becomes %j', (given, safe) => {
  expect(safeFileName(given, 'stand-in')).toBe(safe);
});

test.each([
  ['a Persian word', 'فارسی می\u200Cخواهم.txt'],
  ['a conjunct of Devanagari', 'क्\u200Dष.txt'],
  ['a family', '👨\u200D👩\u200D👧.txt'],
  ['the flag of Scotland', '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}.txt'],
  ['a soft hyphen', 'co\u00ADop.txt'],
  ['a picture and its variant', '❤\uFE0F.txt'],
])('%s keeps its spelling', (_what, name) => {
  expect(safeFileName(name, 'stand-in')).toBe(name);
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
