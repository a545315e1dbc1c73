// Pure rules.
import { expect, test } from 'vitest';
import { partsNoteNumber, withBareWords, withNotesApart } from './note-numbers.ts';

test.each([
  ['two herons', '4'],
  ['two herons', '[12]'],
  ['two herons', '*'],
  ['two herons.', '3'],
  ['at the', '7'],
  ['', '16'],
])('%j has a note %j', (before, raised) => {
  expect(partsNoteNumber(before, raised)).toBe(true);
});

test.each([
  ['20 m', '2'],
  ['of 3 km', '2'],
  ['with CO', '2'],
  ['E = mc', '2'],
  ['the 1', '2'],
  ['the 1', 'st'],
  ['Mlle', 'lle'],
])('%j goes on with %j', (before, raised) => {
  expect(partsNoteNumber(before, raised)).toBe(false);
});

test('raised numbers of notes are parted from words, exponents are not', () => {
  expect(withNotesApart('two herons¹² on 20 km², x³')).toBe('two herons ¹² on 20 km², x³');
});

test.each([
  ['two herons12 wade', 'two herons12 wade\nherons\n'],
  ['two herons12, herons', 'two herons12, herons'],
  ['fortran77 and python3, sha256, CO2', 'fortran77 and python3, sha256, CO2\nfortran python\n'],
  ['heron12b, 3herons4', 'heron12b, 3herons4'],
])('words of %j are found without their numbers, too', (page, text) => {
  expect(withBareWords(page)).toBe(text);
});
