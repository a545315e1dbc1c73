import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentDisposition, contentType } from './content-headers.ts';

describe('contentDisposition', () => {
  test.each([
    ['report.pdf', 'application/pdf', `inline; filename="report.pdf"; filename*=UTF-8''report.pdf`],
    ['book.epub', 'application/epub+zip', `attachment; filename="book.epub"; filename*=UTF-8''book.epub`],
    ['notes.txt', 'text/plain', `inline; filename="notes.txt"; filename*=UTF-8''notes.txt`],
    ['Bücher 50%.txt', 'text/html', `attachment; filename="B_cher 50_.txt"; filename*=UTF-8''B%C3%BCcher%2050%25.txt`],
    [
      "it's (1)*.svg",
      'image/svg+xml',
      `attachment; filename="it's (1)*.svg"; filename*=UTF-8''it%27s%20%281%29%2A.svg`,
    ],
    ['a"b\\c/d\r\ne', 'x/y', `attachment; filename="a_b_c_d__e"; filename*=UTF-8''a_b_c_d__e`],
    ['\u202Efdp.exe', 'x/y', `attachment; filename="_fdp.exe"; filename*=UTF-8''_fdp.exe`],
  ])('%j as %s', (name, mediaType, expected) => {
    expect(contentDisposition(name, mediaType)).toBe(expected);
  });

  test('any name makes one line of printable ASCII, with its quotes closed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string(), (name, mediaType) => {
        expect(contentDisposition(name, mediaType)).toMatch(
          /^(?:inline|attachment); filename="[ !#-[\]-~]*"; filename\*=UTF-8''[\w.!~%-]*$/,
        );
      }),
    );
  });
});

describe('contentType', () => {
  test.each([
    ['application/pdf', 'application/pdf'],
    ['text/markdown', 'text/markdown; charset=utf-8'],
    ['text/html\r\nx-evil: 1', 'application/octet-stream'],
    ['nonsense', 'application/octet-stream'],
  ])('of %j', (mediaType, expected) => {
    expect(contentType(mediaType)).toBe(expected);
  });
});
