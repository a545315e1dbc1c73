import { Place } from '@allibrary/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chapterTitle, joinSections, sectionsOf } from './sections.ts';

const undivided = (text: string) => ({ page: null, chapter: null, text });

test('a text that its format does not divide has no division', () => {
  expect(joinSections([undivided('heron')])).toEqual({ text: 'heron', divisions: [] });
  expect([...sectionsOf({ text: 'heron', divisions: [] })]).toEqual([undivided('heron')]);
});

test('the words of two sections stay apart', () => {
  const { text } = joinSections([
    { page: 1, chapter: null, text: 'grey' },
    { page: 2, chapter: null, text: 'heron' },
  ]);
  expect(text).toBe('grey\nheron');
});

test('sections that were put together are found again', () => {
  const section = fc.record({
    page: fc.nat().map((n) => n + 1),
    chapter: fc.constantFrom(null, 'Herons'),
    text: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(section, { minLength: 1 }), (sections) => {
      const found = [...sectionsOf(joinSections(sections))];
      expect(found.map(({ page, chapter }) => [page, chapter])).toEqual(
        sections.map(({ page, chapter }) => [page, chapter]),
      );
      for (const [at, { text }] of found.entries()) expect(text.startsWith(sections[at]?.text ?? '?')).toBe(true);
    }),
  );
});

test.each([
  [' Of \n\therons ', 'Of herons'],
  [' \n', null],
  ['x'.repeat(500), 'x'.repeat(200)],
])('the title of a chapter is one line of bounded length', (text, title) => {
  expect(chapterTitle(text)).toBe(title);
  expect(Place.parse({ page: null, chapter: title })).toEqual({ page: null, chapter: title });
});
