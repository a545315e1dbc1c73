import { DEFAULT_IGNORE } from '@allibrary/contracts';
import { expect, test } from 'vitest';
import { IgnorePatterns } from './ignore-patterns.ts';

const patternFor = (patterns: string[], file: string) => new IgnorePatterns(patterns).patternFor(file);

test.each([
  ['*.tmp', 'shelf/a.tmp', true],
  ['*.tmp', 'a.TMP', false],
  ['/drafts/', 'drafts/a.txt', true],
  ['/drafts/', 'shelf/drafts/a.txt', false],
  ['drafts/', 'shelf/drafts/deep/a.txt', true],
  ['drafts/', 'drafts', false],
  ['shelf/**/old', 'shelf/a/b/old/x', true],
  ['two\\ words', 'two words', true],
  ['# a comment', '# a comment', false],
  ['\\#1', '#1', true],
  ['*', 'two\nlines', true],
])('%s and %s: %s', (pattern, file, isLeftOut) => {
  expect(patternFor([pattern], file)).toBe(isLeftOut ? pattern : null);
});

test('a later pattern takes back an earlier one, but not what lies in a folder that is left out', () => {
  expect(patternFor(['*.tmp', '!keep.tmp'], 'keep.tmp')).toBeNull();
  expect(patternFor(['drafts/', '!drafts/keep.txt'], 'drafts/keep.txt')).toBe('drafts/');
});

test('what systems and programs leave behind is left out by default, and nothing that people name', () => {
  const patterns = new IgnorePatterns(DEFAULT_IGNORE);
  const isLeftOut = (file: string) => patterns.patternFor(file) !== null;
  const junk = [
    ...['Thumbs.db', 'a/thumbs.db', 'desktop.ini', 'a/Desktop.ini', 'a/@eaDir/b.jpg', '$RECYCLE.BIN/a.pdf'],
    ...['#recycle/a.pdf', '@Recycle/a.pdf', 'lost+found/#1234', 'System Volume Information/a', '__MACOSX/a/b.pdf'],
    ...['~$will.docx', 'a/~$will.docx', '~WRD0001.tmp', 'base.lck', 'a.pdf.crdownload', 'a.pdf.part', 'a.filepart'],
    ...['a.pdf.aria2', 'a.pdf.!qB', 'a.txt~', '#a.txt#', 'a/#a.txt#', 'a.wbk'],
  ];
  const wanted = [
    ...['a.txt', 'thumbs.pdf', 'part.pdf', 'a.part1.rar', 'Part I/a.pdf', '~a.txt', '#1.txt', 'a #1#.txt', 'a~b.txt'],
    ...['papers~/a.txt', 'recycle/a.pdf', 'Icon.pdf', 'icon', 'a.tmp', 'a.bak', 'desktop.ini.txt', '$a.txt'],
  ];
  expect(junk.filter((file) => !isLeftOut(file))).toEqual([]);
  expect(wanted.filter(isLeftOut)).toEqual([]);
});

test('a folder is left out by what names folders', () => {
  const patterns = new IgnorePatterns(['drafts/']);
  expect([patterns.patternForFolder('drafts'), patterns.patternForFolder('shelf')]).toEqual(['drafts/', null]);
});

test('answers stay the same over any number of files', () => {
  const patterns = new IgnorePatterns(['*.tmp']);
  for (let n = 0; n < 25_000; n++)
    expect(patterns.patternFor(n % 2 === 0 ? `${n}.tmp` : `${n}.txt`) !== null).toBe(n % 2 === 0);
});
