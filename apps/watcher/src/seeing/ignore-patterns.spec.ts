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

test('a folder is left out by what names folders', () => {
  const patterns = new IgnorePatterns(['drafts/']);
  expect([patterns.patternForFolder('drafts'), patterns.patternForFolder('shelf')]).toEqual(['drafts/', null]);
});

test('answers stay the same over any number of files', () => {
  const patterns = new IgnorePatterns(['*.tmp']);
  for (let n = 0; n < 25_000; n++)
    expect(patterns.patternFor(n % 2 === 0 ? `${n}.tmp` : `${n}.txt`) !== null).toBe(n % 2 === 0);
});
