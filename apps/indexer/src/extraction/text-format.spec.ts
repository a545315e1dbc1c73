import { expect, test } from 'vitest';
import { textFormatOf } from './text-format.ts';

test.each([
  ['text/plain', 'plain'],
  ['text/csv', 'plain'],
  ['Text/HTML; charset=utf-8', 'html'],
  ['text/markdown', 'markdown'],
  ['application/pdf', 'pdf'],
  ['application/epub+zip', 'epub'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.oasis.opendocument.text', 'odt'],
  ['application/zip', null],
  ['image/png', 'picture'],
  ['image/svg+xml', 'xml'],
  ['', null],
])('%j is read as %s', (mediaType, format) => {
  expect(textFormatOf(mediaType)).toBe(format);
});
