import { expect, test } from 'vitest';
import { textFormatOf } from './text-format.ts';

test.each([
  ['text/plain', 'plain'],
  ['text/csv', 'plain'],
  ['Text/HTML; charset=utf-8', 'html'],
  ['text/markdown', 'markdown'],
  ['application/pdf', 'pdf'],
  ['application/epub+zip', null],
  ['image/png', null],
  ['', null],
])('%j is read as %s', (mediaType, format) => {
  expect(textFormatOf(mediaType)).toBe(format);
});
