import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FOUND, indexable, toSnippet } from './snippet.ts';

const found = (word: string): string => FOUND.begin + word + FOUND.end;

test('marks and line breaks become plain text', () => {
  expect(toSnippet(`…the grey\n\n\t${found('heron')}\u0007 stands`)).toBe('…the grey heron stands');
});

test('an excerpt in which nothing was found is no snippet', () => {
  expect(toSnippet('the beginning of the text')).toBeNull();
});

test('what was found stays in a snippet that must be cut', () => {
  expect(toSnippet(`${'x'.repeat(2_000)} ${found('heron')} ${'y'.repeat(2_000)}`)).toContain(' heron ');
});

test('any excerpt gives at most 600 well-formed characters without control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 900 }), fc.string({ maxLength: 900 }), (before, after) => {
      const snippet = toSnippet(before + found('heron') + after) ?? '';
      expect(snippet.length).toBeLessThanOrEqual(600);
      expect(snippet.isWellFormed()).toBe(true);
      expect(snippet).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('a text that is indexed holds neither marks nor NUL', () => {
  expect(indexable(`a\0b${found('c')}`)).toBe('a b c ');
});
