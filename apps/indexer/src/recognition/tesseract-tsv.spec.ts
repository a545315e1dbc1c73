// Pure rules.
import { expect, test } from 'vitest';
import { readingOf } from './tesseract-tsv.ts';

const HEAD = 'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext';
const word = (line: number, confidence: number, text: string): string =>
  ['5', 1, 1, 1, line, 1, 0, 0, 9, 9, confidence, text].join('\t');

test('words of a line are put together, and their confidence is averaged', () => {
  const table = [
    HEAD,
    '4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t',
    word(1, 90, 'grey'),
    word(1, 80, 'herons'),
    word(2, 70, 'wade'),
  ];
  expect(readingOf(table.join('\n'))).toEqual({ text: 'grey herons\nwade', confidence: 80 });
});

test.each([[''], [HEAD], [word(1, 95, ' ')]])('%j holds no text', (table) => {
  expect(readingOf(table)).toEqual({ text: '', confidence: 0 });
});
