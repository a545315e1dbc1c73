// Real: FTS5 on a file of its own, in the thread of the test. What an answer of this engine contains.
import { join } from 'node:path';
import { openReadModel } from '@allibrary/platform';
import { tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestIndex, documentOf } from '../testing/test-index.ts';
import { Fts5Index } from './fts5-index.ts';
import { FTS5_SCHEMA } from './fts5-schema.ts';

let opened: TestIndex;
let index: TestIndex['index'];
beforeEach(async () => {
  const folder = await tempFolder();
  index = new Fts5Index(openReadModel({ file: join(folder.path, 'index.db'), ...FTS5_SCHEMA }));
  opened = new TestIndex(index, async () => {
    await index.close();
    await folder.remove();
  });
});
afterEach(() => opened.close());

test.each([
  ['strasse', ['b.txt', 'a.txt']],
  ['straße', ['a.txt', 'b.txt']],
])('a document with %j as it was typed comes before one with another spelling', async (typed, names) => {
  await index.upsert(documentOf('a.txt', 'eine lange Straße mit Bäumen'), 1);
  await index.upsert(documentOf('b.txt', 'eine lange Strasse mit Bäumen'), 2);
  expect(await opened.namesFor(typed)).toEqual(names);
  await index.upsert(documentOf('both.txt', 'eine Straße, eine Strasse und noch mehr Wörter und Bäume'), 3);
  expect((await opened.namesFor(typed)).at(-1)).toBe(names.at(-1));
});

test('the passage of a long book is found wherever it stands, and is not its table of contents', async () => {
  const contents = Array.from({ length: 30 }, (_, at) => `The grey kingfisher ........ ${at * 9}`).join('\n');
  const water = 'The water of the reeds is grey and still. '.repeat(27_600).slice(0, 1_161_348);
  await index.upsert(documentOf('book.txt', `${contents}\n${water}A kingfisher in grey plumage dives. ${water}`), 1);
  const [hit] = await opened.search('grey kingfisher');
  expect(hit?.snippet).toContain('kingfisher in grey plumage dives');
  expect((await opened.search('kingfisher plum'))[0]?.snippet).toContain('kingfisher in grey plumage dives');
});

test('every book of a page has its passage, however long the books are', async () => {
  const water = 'The water of the reeds is still. '.repeat(12_000);
  for (let n = 0; n < 20; n++) await index.upsert(documentOf(`${n}.txt`, `${water} kingfisher`), n);
  const hits = await opened.search('kingfisher');
  expect(hits.map(({ snippet }) => snippet?.endsWith('kingfisher'))).toEqual(hits.map(() => true));
  expect(hits).toHaveLength(20);
});

test('all matches are counted, whatever the page', async () => {
  for (let n = 0; n < 30; n++) await index.upsert(documentOf(`${n}.txt`, 'heron'), n);
  const total = { documents: 30, isAtLeast: false };
  expect(await opened.ask('heron', { limit: 5 })).toMatchObject({ total });
  expect(await opened.ask('heron', { limit: 5, offset: 60 })).toMatchObject({ hits: [], total });
  expect(await opened.ask('egret')).toMatchObject({ total: { documents: 0, isAtLeast: false } });
});

test('titles are sorted in the language of the reader, numbers by their value, over all pages', async () => {
  const names = ['Heft 2.txt', 'Heft 10.txt', 'Ähre.txt', 'Zimt.txt'];
  for (const [n, name] of names.entries()) await index.upsert(documentOf(name, 'wollgras'), n);
  const pagesIn = async (readerLanguage: string): Promise<string[]> => {
    const page = (offset: number) => opened.namesFor('wollgras', { order: 'title', limit: 2, offset, readerLanguage });
    return [...(await page(0)), ...(await page(2))];
  };
  expect(await pagesIn('de')).toEqual(['Ähre.txt', 'Heft 2.txt', 'Heft 10.txt', 'Zimt.txt']);
  expect(await pagesIn('sv')).toEqual(['Heft 2.txt', 'Heft 10.txt', 'Zimt.txt', 'Ähre.txt']);
});

test('a spelling with signs that part words for SQLite is compared as one word', async () => {
  await index.upsert(documentOf('a.txt', 'राष्ट्र की'), 1);
  await index.upsert(documentOf('b.txt', 'राष्ट्\u200Dर की'), 2);
  expect(await opened.namesFor('राष्ट्\u200Dर की')).toEqual(['b.txt', 'a.txt']);
  expect(await opened.namesFor('राष्ट्र की')).toEqual(['a.txt', 'b.txt']);
});
