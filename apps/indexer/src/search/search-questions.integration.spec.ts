// Real: each engine on a store of its own; Meilisearch where MEILI_URL names one. One suite, run on every engine.
import { type DocumentMetadata, LibraryFilters } from '@allibrary/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { NO_METADATA } from '../extraction/description/metadata.ts';
import type { SearchIndex } from './search-index.ts';
import { type TestIndex, documentOf, onEachEngine } from '../testing/test-index.ts';

onEachEngine((current) => {
  let opened: TestIndex;
  let index: SearchIndex;
  beforeEach(() => {
    opened = current();
    ({ index } = opened);
  });

  test.each([
    ['Chinese, by a word in the middle of a sentence', '我们在图书馆里读书', '图书馆'],
    ['Japanese, in both alphabets', '東京都立図書館のカード', '図書館のカード'],
    ['Japanese, in letters of half width', 'ライブラリ', 'ﾗｲﾌﾞﾗﾘ'],
    ['Korean, by the beginning of a word with its ending', '도서관에서 책을 읽는다', '도서관'],
    ['Thai, by a word in the middle of a sentence', 'ฉันอ่านหนังสือในห้องสมุด', 'หนังสือ'],
    ['Hindi', 'पुस्तकालय में पुस्तक', 'पुस्तक'],
    ['Arabic, vocalised', 'كِتَابٌ فِي المَكْتَبَة', 'كتاب'],
    ['Arabic, typed with vowels', 'كتاب في المكتبة', 'المَكْتَبَة'],
    ['Hebrew, pointed', 'סֵפֶר בַּסִּפְרִיָּה', 'ספר'],
    ['Russian, without the dots of ё', 'Новогодняя ЁЛКА', 'елка'],
    ['Greek, without accents', 'Ποταμός και θάλασσα', 'ΠΟΤΑΜΟΣ'],
    ['Vietnamese, without accents', 'Thư viện quốc gia', 'thu vien quoc gia'],
    ['a ligature of a typesetter', 'an eﬃcient ﬁnd', 'efficient find'],
  ])('finds %s', async (_language, text, question) => {
    await index.upsert(documentOf('other.txt', 'some thing else'), 1);
    await index.upsert(documentOf('sought.txt', text), 2);
    const [hit, ...others] = await opened.search(question);
    expect(hit).toMatchObject({ name: 'sought.txt', snippet: text });
    expect(others).toEqual([]);
  });

  test('a document with the very word comes before all in which it begins a longer one', async () => {
    for (let number = 30; number > 0; number--)
      await index.upsert(documentOf(`${number}.txt`, `shelf${number} in the reading room`), number);
    expect((await opened.namesFor('shelf1'))[0]).toBe('1.txt');
  });

  test('letters that stand apart are no Chinese word', async () => {
    await index.upsert(documentOf('apart.txt', '图画和书'), 1);
    expect(await opened.namesFor('图书')).toEqual([]);
  });

  test.each([
    ['a letter changed', 'heren', 'heron'],
    ['a letter left out', 'hern', null],
    ['a letter left out of a longer word', 'kinfisher', 'kingfisher'],
    ['a letter too many', 'heronn', 'heron'],
    ['two letters swapped', 'hreon', 'heron'],
    ['two typos in a long word', 'kignfisehr', 'kingfisher'],
    ['two typos in a short word', 'hronn', null],
    ['a typo among right words', 'grey heorn', 'grey heron'],
    ['typos in several words', 'kingfisher herron', 'kingfisher heron'],
    ['case and accents beside a typo', 'HÉREN', 'heron'],
    ['a quoted word is meant as it stands', '"heren"', null],
    ['a number is meant as it stands', '19981', null],
  ])('%s', async (_rule, typed, meant) => {
    await index.upsert(documentOf('birds.txt', 'the grey heron, the kingfisher, 19980'), 1);
    await index.upsert(documentOf('other.txt', 'nothing like it'), 2);
    const { hits, suggestion } = await opened.ask(typed);
    expect(hits.map(({ name }) => name)).toEqual(meant ? ['birds.txt'] : []);
    expect(suggestion).toBe(meant);
    if (meant) expect(hits[0]?.snippet).toContain('heron');
  });

  test('what holds the words as they were typed comes alone, and nothing else is suggested', async () => {
    await index.upsert(documentOf('one.txt', 'heron'), 1);
    await index.upsert(documentOf('two.txt', 'heroin'), 2);
    expect(await opened.ask('heron')).toMatchObject({ hits: [{ name: 'one.txt', typos: 0 }], suggestion: null });
  });

  test('the fewest typos that find anything are taken', async () => {
    await index.upsert(documentOf('one.txt', 'kingfisher'), 1);
    await index.upsert(documentOf('two.txt', 'kingfissers'), 2);
    expect((await opened.ask('kingfissher')).hits).toMatchObject([{ name: 'one.txt', typos: 1 }]);
    expect((await opened.ask('kinggfisherr')).hits).toMatchObject([{ name: 'one.txt', typos: 2 }]);
  });

  describe('of a library with several kinds of documents', () => {
    const about = (change: Partial<DocumentMetadata>) => ({ metadata: { ...NO_METADATA, ...change } });
    beforeEach(async () => {
      const pdf = { mediaType: 'application/pdf', sizeBytes: 3_000, indexedAtMs: 1 };
      const text = { mediaType: 'text/plain', sizeBytes: 20, indexedAtMs: 2, collections: ['library', 'prints'] };
      const web = { mediaType: 'text/html', sizeBytes: 500, indexedAtMs: 3, isPublic: false, collections: ['maps'] };
      const atlas = { title: 'Éa atlas', year: 1998, language: 'en' };
      await index.upsert(documentOf('z.pdf', 'heron', { ...pdf, ...about(atlas) }), 1);
      await index.upsert(documentOf('b.txt', 'heron heron', { ...text, ...about({ year: 2004, language: 'de' }) }), 2);
      await index.upsert(documentOf('c.html', 'heron', { ...web, ...about({ language: 'en' }) }), 3);
      await index.upsert(documentOf('d.html', 'egret', web), 4);
    });

    test.each([
      ['one type', { mediaTypes: ['application/pdf'] }, ['z.pdf']],
      ['several types', { mediaTypes: ['application/pdf', 'text/html'] }, ['c.html', 'z.pdf']],
      ['a language', { languages: ['en'] }, ['c.html', 'z.pdf']],
      ['a year and later', { yearFrom: 1999 }, ['b.txt']],
      ['a span of years', { yearFrom: 1998, yearTo: 2004 }, ['b.txt', 'z.pdf']],
      ['a least size', { minSizeBytes: 500 }, ['c.html', 'z.pdf']],
      ['a span of sizes', { minSizeBytes: 21, maxSizeBytes: 500 }, ['c.html']],
      ['everything at once', { languages: ['en'], yearTo: 2000, mediaTypes: ['application/pdf'] }, ['z.pdf']],
      ['a collection', { collections: ['maps'] }, ['c.html']],
      ['one of several collections', { collections: ['maps', 'prints'] }, ['b.txt', 'c.html']],
      ['nothing', { languages: ['fr'] }, []],
    ])('only %s is found', async (_kind, filters, names) => {
      const found = await opened.search('heron', { filters: LibraryFilters.parse(filters) });
      expect(found.map(({ name }) => name).toSorted()).toEqual(names);
    });

    test.each([
      ['title', ['b.txt', 'c.html', 'z.pdf']],
      ['year', ['b.txt', 'z.pdf', 'c.html']],
      ['size', ['z.pdf', 'c.html', 'b.txt']],
      ['added', ['c.html', 'b.txt', 'z.pdf']],
      ['relevance', ['b.txt', 'c.html', 'z.pdf']],
    ] as const)('they are ordered by %s', async (order, names) => {
      const found = (await opened.search('heron', { order })).map(({ name }) => name);
      if (order === 'relevance') expect(found.toSorted()).toEqual(names);
      else expect(found).toEqual(names);
    });

    test('they come in pages', async () => {
      const pages = [0, 1, 2, 3].map((offset) => opened.namesFor('heron', { order: 'size', limit: 1, offset }));
      expect((await Promise.all(pages)).flat()).toEqual(['z.pdf', 'c.html', 'b.txt']);
    });

    test('a page past the last is empty, also where mistyped words would find something', async () => {
      for (const [at, text] of ['stork goose', 'storks goose', 'storks goose'].entries())
        await index.upsert(documentOf(`${at}.txt`, text), 10 + at);
      expect(await opened.namesFor('stork goose')).toEqual(['0.txt']);
      expect(await opened.ask('stork goose', { offset: 1 })).toMatchObject({ hits: [], suggestion: null });
    });

    test('one that lies elsewhere by now is found there', async () => {
      await index.confirm(documentOf('z.pdf', '', { collections: ['maps'] }), 9);
      const filters = LibraryFilters.parse({ collections: ['maps'] });
      expect((await opened.namesFor('heron', { filters })).toSorted()).toEqual(['c.html', 'z.pdf']);
    });

    test('they are counted by kind, whatever the limit, and peers hear of public ones alone', async () => {
      const { hits, facets } = await opened.ask('heron', { limit: 1, facets: true });
      expect(hits).toHaveLength(1);
      expect(facets?.languages).toEqual([
        { value: 'en', documents: 2 },
        { value: 'de', documents: 1 },
      ]);
      expect(facets?.decades).toEqual([
        { value: '1990', documents: 1 },
        { value: '2000', documents: 1 },
      ]);
      expect(facets?.collections).toEqual([
        { value: 'library', documents: 2 },
        { value: 'maps', documents: 1 },
        { value: 'prints', documents: 1 },
      ]);
      expect(facets?.mediaTypes).toHaveLength(3);
      expect((await opened.ask('heron', { facets: true, scope: 'public' })).facets?.mediaTypes).toHaveLength(2);
      expect((await opened.ask('heron')).facets).toBeNull();
    });
  });
});
