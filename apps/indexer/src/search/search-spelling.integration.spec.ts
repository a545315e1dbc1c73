// Real: each engine on a store of its own; Meilisearch where MEILI_URL names one. One suite, run on every engine.
import { beforeEach, expect, test } from 'vitest';
import { NO_METADATA } from '../extraction/description/metadata.ts';
import { type TestIndex, documentOf, onEachEngine } from '../testing/test-index.ts';

onEachEngine((current) => {
  let opened: TestIndex;
  beforeEach(() => {
    opened = current();
  });

  test.each([
    ['German', 'Die Lindenstraße und die Lindenstrasse', 'lindenstrasse', ['Lindenstraße', 'Lindenstrasse']],
    ['Norwegian', 'Tromsø og Bodø', 'tromso bodo', ['Tromsø', 'Bodø']],
    ['Polish', 'Łódź', 'lodz', ['Łódź']],
    ['Vietnamese', 'Đường đình', 'duong dinh', ['Đường', 'đình']],
    ['Icelandic', 'Þórður í Æðey', 'thordur aedey', ['Þórður', 'Æðey']],
    ['Maltese', 'ħobż', 'hobz', ['ħobż']],
    ['French', 'une œuvre', 'oeuvre', ['œuvre']],
    ['Turkish', 'Izmir limani', 'İzmir limanı', ['Izmir', 'limani']],
    ['Persian letters', 'كتاب علي', 'کتاب علی', ['كتاب', 'علي']],
    ['an alef with a hamza', 'أحمد', 'احمد', ['أحمد']],
    ['teh marbuta', 'مدرسة', 'مدرسه', ['مدرسة']],
    ['a joiner of Devanagari', 'राष्ट्र की', 'राष्ट्\u200Dर', ['राष्ट्र']],
    ['Devanagari digits', 'गाँव १९४७', '1947', ['१९४७']],
    ['Persian digits', 'روستا 1357', '۱۳۵۷', ['1357']],
    ['Uzbek', 'Oʻzbekiston', "o'zbekiston", ['Oʻzbekiston']],
    ['Latin behind a long vowel', 'サーバーABC', 'ABC', ['ABC']],
    ['a long vowel before Latin', 'サーバーABC', 'サーバー', ['サーバー']],
  ])('%s: %j is found by %j', async (_language, text, typed, highlighted) => {
    await opened.index.upsert(documentOf('a.txt', text), 1);
    const { hits, suggestion } = await opened.ask(typed);
    expect(suggestion).toBeNull();
    const [{ snippet, highlights } = { snippet: null, highlights: [] }] = hits;
    expect(highlights.map(({ at, length }) => snippet?.slice(at, at + length))).toEqual(highlighted);
  });

  const book = {
    ...NO_METADATA,
    identifiers: [
      { scheme: 'isbn' as const, value: '9783161484100' },
      { scheme: 'doi' as const, value: '10.1000/182' },
    ],
  };
  test.each([
    ...['9783161484100', '978-3-16-148410-0', '3-16-148410-X', '316148410X', 'ISBN 978 3 16 148410 0'],
    ...['10.1000/182', 'doi:10.1000/182', 'https://doi.org/10.1000/182'],
  ])('a book is found by %j, whether its metadata or its text names it', async (typed) => {
    await opened.index.upsert(documentOf('metadata.epub', 'a book', { metadata: book }), 1);
    await opened.index.upsert(documentOf('text.txt', 'ISBN 978-3-16-148410-0, https://doi.org/10.1000/182.'), 2);
    await opened.index.upsert(documentOf('other.txt', 'ISBN 978-1-4028-9462-6, doi:10.1000/183'), 3);
    expect((await opened.namesFor(typed)).toSorted()).toEqual(['metadata.epub', 'text.txt']);
  });
});
