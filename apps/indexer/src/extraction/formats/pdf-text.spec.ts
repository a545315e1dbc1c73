// Pure rules.
import { expect, test } from 'vitest';
import { hasLooseLigature, pagesOfPdfText, recognisedPages } from './pdf-text.ts';

test.each([
  ['', []],
  ['one\f', ['one']],
  ['one\f\fthree\f', ['one', '', 'three']],
  ['one\fcut off', ['one', 'cut off']],
  ['o\uFB03ce \uFEB3\uFEFC\uFEE2\f', ['office سلام']],
])('%j has the pages %j', (text, pages) => {
  expect(pagesOfPdfText(Buffer.from(text))).toEqual(pages);
});

test.each(['An o ce of waffles\nffi', 'a ower\nfl fi\nnext'])('%j has a loose ligature', (page) => {
  expect(hasLooseLigature(page)).toBe(true);
});

test.each(['An office', 'f', 'if\nfin', 'the flat'])('%j has none', (page) => {
  expect(hasLooseLigature(page)).toBe(false);
});

test.each<[string, [number, string][]]>([
  ['', []],
  [
    '\n{"page":2,"text":"heron"}\n\n{"page":1,"text":""}\n',
    [
      [2, 'heron'],
      [1, ''],
    ],
  ],
  ['\n{"page":1,"text":"her\n{"page":2,"text":"egret"}\n', [[2, 'egret']]],
  ['null\n7\n{"page":"1","text":"heron"}\n{"page":1}\n', []],
])('%j holds the recognised pages %j', (lines, pages) => {
  expect([...recognisedPages(Buffer.from(lines))]).toEqual(pages);
});
