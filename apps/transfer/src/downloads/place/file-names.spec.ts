import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNameRefused, namesToTry } from './file-names.ts';

const ID = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';

test.each([
  ['report.pdf', ['report.pdf', `${ID}.pdf`]],
  ['CON.txt', ['CON.txt', '_CON.txt', `${ID}.txt`]],
  ['lpt1', ['lpt1', '_lpt1', ID]],
  ['console.txt', ['console.txt', `${ID}.txt`]],
  ['Übung №1.pdf', ['Übung №1.pdf', 'U_bung No1.pdf', `${ID}.pdf`]],
  [`${'x'.repeat(250)}.epub`, [`${'x'.repeat(250)}.epub`, `${'x'.repeat(95)}.epub`, `${ID}.epub`]],
])('%j is tried as %j', (wanted, names) => {
  expect(namesToTry(wanted, ID)).toEqual(names);
});

test('each name is one of a visible file, and the last ones are short and plain', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (wanted) => {
      const [first, ...others] = namesToTry(wanted, ID);
      expect(first).toBe(wanted);
      expect(others.length).toBeLessThanOrEqual(3);
      expect(others.at(-1)).toMatch(/^[\w.]{1,80}$/);
    }),
  );
});

test('only what speaks of the name is its refusal', () => {
  const withCode = (code: string) => Object.assign(new Error(code), { code });
  expect(['EINVAL', 'EILSEQ', 'ENAMETOOLONG'].map((code) => isNameRefused(withCode(code)))).toEqual([true, true, true]);
  expect(['EACCES', 'ENOSPC', 'EEXIST'].some((code) => isNameRefused(withCode(code)))).toBe(false);
});
