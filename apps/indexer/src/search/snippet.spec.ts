import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery, soughtPhrases } from './query.ts';
import { SnippetReading, snippetOf } from './snippet.ts';

const snippet = (text: string, ...passages: string[]): string | null => {
  const query = parseQuery(text);
  const pages = passages.map((passage) => ({ page: null, chapter: null, text: passage }));
  return query && (snippetOf(pages, soughtPhrases(query))?.text ?? null);
};

test.each<[string, string, string, string | null]>([
  ['a short text is shown whole', 'heron', 'the grey\n\n\theron\u0007 stands', 'the grey heron stands'],
  ['what is not there is not shown', 'egret', 'the grey heron', null],
  ['no case and no accents are needed', 'KUN', 'žluťoučký kůň', 'žluťoučký kůň'],
  ['the last word may be unfinished', 'grey her', 'a heron', 'a heron'],
  ['the others may not', 'her grey', 'a heron', null],
  ['dots that lead to a page number are left out', 'heron', '1.2 The heron . . . . . . . . 17', '1.2 The heron … 17'],
  ['a part of a word is not the word', 'her on', 'another heron', null],
])('%s', (_rule, text, passage, shown) => {
  expect(snippet(text, passage)).toBe(shown);
});

test('the place that shows most of the words is taken', () => {
  const passage = `grey ${'water '.repeat(500)} the grey heron stands ${'reed '.repeat(500)} heron`;
  expect(snippet('grey heron', passage)).toMatch(/^….* the grey heron stands reed .*…$/);
});

test('the first passage that has all of the words is taken', () => {
  expect(snippet('grey heron', 'only grey', 'grey heron one', 'grey heron two')).toBe('grey heron one');
});

test('words that stand side by side are shown before those that only stand near each other', () => {
  const near = `heron in the reeds, grey ${'water '.repeat(10)}`;
  expect(snippet('grey heron', near, `${near} the grey heron`)).toMatch(/the grey heron$/);
});

const CONTENTS = Array.from({ length: 12 }, (_, at) => `Chapter ${at} of the grey heron ${at * 7}`).join('\n');
const INDEX = 'goose, 12, 14, 77\ngrey heron, 3, 8, 12, 19, 33, 71, 204\nheron, grey, 3, 8, 19\nreed, 8';
test.each([
  ['a table of contents', CONTENTS],
  ['one with leaders', CONTENTS.replaceAll(' heron ', ' heron ........ ')],
  ['an index', INDEX],
])('prose with the words near each other is shown before %s', (_kind, list) => {
  const prose = 'In spring a heron of grey plumage stands in the reeds and waits for hours.';
  expect(snippet('grey heron', list, prose)).toBe(prose);
  expect(snippet('grey heron', prose, list)).toBe(prose);
  expect(snippet('grey heron', list, 'a heron')).toMatch(/grey heron/u);
});

test('words near each other are shown before words far apart', () => {
  const far = `grey ${'water '.repeat(40)} heron`;
  expect(snippet('heron grey', far, 'the grey old heron')).toBe('the grey old heron');
});

test('the scan of a list of hits is bounded, but each hit gets a part', () => {
  const reading = new SnippetReading();
  const readOf = (): number => {
    let passages = 0;
    const endless = (function* () {
      for (; passages < 1_000; passages++) yield { page: null, chapter: null, text: 'water '.repeat(2_000) };
    })();
    expect(snippetOf(reading.of(endless), [[{ words: ['heron'], isPrefix: false }]])).toBeNull();
    return passages;
  };
  expect([readOf(), readOf(), readOf()]).toEqual([124, 5, 5]);
});

test('a word that stands everywhere is shown too', () => {
  expect(snippet('the', 'the '.repeat(4_000))).toHaveLength(400);
});

test('any text gives at most 600 well-formed characters without control characters', () => {
  const text = fc.string({ unit: 'binary', maxLength: 900 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const shown = snippet('heron', `${before} heron ${after}`) ?? '';
      expect(shown).toContain('heron');
      expect(shown.length).toBeLessThanOrEqual(600);
      expect(shown.isWellFormed()).toBe(true);
      expect(/\p{Cc}/u.test(shown)).toBe(false);
    }),
  );
});

test('a snippet says where it stands', () => {
  const pages = ['water', 'the grey heron', 'reed'].map((text, at) => ({ page: at + 1, chapter: 'Birds', text }));
  const sought = [[{ words: ['heron'], isPrefix: false }]];
  expect(snippetOf(pages, sought)).toEqual({
    text: 'the grey heron',
    highlights: [{ at: 9, length: 5 }],
    place: { page: 2, chapter: 'Birds' },
  });
});

test('a snippet shows what a mistyped word may mean', () => {
  const pages = [{ page: null, chapter: null, text: 'the grey heron stands' }];
  const meant = ['heren', 'heroin', 'heron'].map((word, at) => ({ words: [word], isPrefix: at === 0 }));
  expect(snippetOf(pages, [meant])?.text).toBe('the grey heron stands');
});

test.each([
  ['grey heron', 'The GREY\n\nheron, a heron', ['GREY', 'heron', 'heron']],
  ['her', 'the heronry of herons', ['heronry', 'herons']],
  ['cafe', 'un café . . . . . . café', ['café', 'café']],
  ['図書館', '東京の図書館です', ['図書館']],
  ['strasse', 'Die STRASSE, die Straße', ['STRASSE', 'Straße']],
  ['۱۳۵۷ کتاب', 'في كتاب 1357', ['كتاب', '1357']],
  ["o'zbekiston", 'Oʻzbekiston, O‘zbekiston', ['Oʻzbekiston', 'O‘zbekiston']],
  ['9783161484100', 'see ISBN 3-16-148410-X here', ['ISBN 3-16-148410-X']],
  ['"grey heron"', 'a heron, grey; a grey heron', ['grey heron']],
])('for %j the words of %j are highlighted', (question, passage, words) => {
  const query = parseQuery(question);
  const found = query && snippetOf([{ page: null, chapter: null, text: passage }], soughtPhrases(query));
  expect(found?.highlights.map(({ at, length }) => found.text.slice(at, at + length))).toEqual(words);
});
