// Real: each engine on a store of its own; Meilisearch where MEILI_URL names one. One suite, run on every engine.
import { type DocumentMetadata, DocumentReport, SearchHit } from '@allibrary/contracts';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { SearchIndex } from './search-index.ts';
import { type TestIndex, documentOf, idOf, onEachEngine } from '../testing/test-index.ts';

onEachEngine((current) => {
  let opened: TestIndex;
  let index: SearchIndex;
  beforeEach(() => {
    opened = current();
    ({ index } = opened);
  });

  test('an empty index finds nothing, counts nothing and is well', async () => {
    expect(await opened.namesFor('heron')).toEqual([]);
    expect(await index.count()).toBe(0);
    expect(await index.problem()).toBeNull();
    expect(await index.find(idOf('nothing'))).toBeNull();
  });

  test('a document is found by a word of its text, with all that is known of it', async () => {
    await index.upsert(documentOf('birds.txt', 'The grey heron\nstands still.'), 1);
    const [hit] = await opened.search('heron');
    expect(SearchHit.parse(hit)).toEqual({
      documentId: idOf('birds.txt'),
      name: 'birds.txt',
      sizeBytes: 28,
      mediaType: 'text/plain',
      title: null,
      creators: [],
      year: null,
      language: null,
      typos: 0,
      snippet: 'The grey heron stands still.',
      highlights: [{ at: 9, length: 5 }],
      place: null,
      score: expect.any(Number),
    });
  });

  test.each([
    ['all words must be there', 'grey heron', ['both.txt']],
    ['case and accents do not matter', 'CAFE', ['café.txt']],
    ['the last word may be unfinished', 'grey her', ['both.txt']],
    ['only the last word may be unfinished', 'gre heron', []],
    ['a word of a file name', 'report', ['annual_report-2024.pdf']],
    ['a number in a file name', '2024', ['annual_report-2024.pdf']],
    ['a word inside of a file name', 'guide', ['fieldGuide.pdf']],
    ['the whole file name', 'annual_report-2024.pdf', ['annual_report-2024.pdf']],
    ['signs and operators are no words', '"grey" AND* (heron)', []],
    ['signs around words', '"grey" (heron)!', ['both.txt']],
    ['quoted words stand side by side', '"the grey"', ['both.txt', 'one.txt']],
    ['quoted words that stand apart', '"the heron"', []],
    ['a quoted word is finished', '"grey her"', []],
    ['a word that must not be there', 'grey -heron', ['one.txt']],
    ['a phrase that must not be there', 'the -"grey goose"', ['both.txt']],
    ['only what must not be there', '-heron', []],
    ['no word at all', '"*"', []],
  ])('%s', async (_rule, text, names) => {
    await index.upsert(documentOf('both.txt', 'the grey heron'), 1);
    await index.upsert(documentOf('one.txt', 'the grey goose'), 2);
    await index.upsert(documentOf('café.txt', 'un petit noir'), 3);
    await index.upsert(documentOf('annual_report-2024.pdf', ''), 4);
    await index.upsert(documentOf('fieldGuide.pdf', ''), 5);
    expect((await opened.namesFor(text)).toSorted()).toEqual(names);
  });

  test('a document whose name has the word comes before one whose text has it', async () => {
    await index.upsert(documentOf('notes.txt', 'a heron and a heron'), 1);
    await index.upsert(documentOf('heron.txt', 'of a bird that stands still in the water'), 2);
    await index.upsert(documentOf('other.txt', 'nothing of that'), 3);
    expect(await opened.namesFor('heron')).toEqual(['heron.txt', 'notes.txt']);
  });

  test('hits come best first, and no more than asked for', async () => {
    for (let n = 0; n < 15; n++) {
      await index.upsert(documentOf(`heron${n}.txt`, 'of a bird'), n);
      await index.upsert(documentOf(`${n}.txt`, 'of herons, a heron'), n);
    }
    const hits = await opened.search('heron', { limit: 20 });
    expect(hits).toHaveLength(20);
    expect(hits.slice(0, 15).every(({ name }) => name.startsWith('heron'))).toBe(true);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
  });

  test('a snippet is null when only the name matches', async () => {
    await index.upsert(documentOf('heron.txt', 'a bird that stands still'), 1);
    expect(await opened.search('heron', { limit: 1 })).toMatchObject([{ snippet: null }]);
    expect(await opened.search('bird', { limit: 1 })).toMatchObject([{ snippet: 'a bird that stands still' }]);
  });

  test('a snippet shows what was found at the end of a long text, in plain words', async () => {
    await index.upsert(documentOf('long.txt', `${'water\u0001\u0000 \u0007reed\n'.repeat(20_000)} kingfisher`), 1);
    const [hit] = await opened.search('kingfisher', { limit: 1 });
    expect(SearchHit.parse(hit).snippet).toMatch(/reed kingfisher$/);
    expect(hit?.snippet).not.toMatch(/\p{Cc}/u);
  });

  test('a hit says on which page, or in which chapter, its words stand', async () => {
    const divisions = [
      { at: 0, page: 1, chapter: null },
      { at: 6, page: 2, chapter: 'Of herons' },
    ];
    await index.upsert(documentOf('birds.pdf', 'reeds\nthe grey heron', { divisions }), 1);
    expect(await opened.search('grey', { limit: 1 })).toMatchObject([
      { snippet: 'the grey heron', place: { page: 2, chapter: 'Of herons' } },
    ]);
  });

  test('a document is found by what it says of itself, and a word of its title counts most', async () => {
    const metadata: DocumentMetadata = {
      ...{ title: 'Of Herons', creators: ['Ann Reed'], year: 1998, publisher: 'Lake Press', subjects: ['birds'] },
      identifiers: [{ scheme: 'isbn', value: '9780306406157' }],
      language: 'en',
    };
    await index.upsert(documentOf('notes.txt', 'herons and Reed'), 1);
    await index.upsert(documentOf('x1.pdf', '', { metadata, divisions: [{ at: 0, page: 7, chapter: null }] }), 2);
    for (const words of ['of herons', 'ann reed', 'lake', 'birds', '9780306406157']) {
      expect(await opened.search(words, { limit: 1 })).toMatchObject([
        { name: 'x1.pdf', title: 'Of Herons', creators: ['Ann Reed'], year: 1998 },
      ]);
    }
    expect(await opened.namesFor('herons')).toEqual(['x1.pdf', 'notes.txt']);
    const report = DocumentReport.parse(await index.report(idOf('x1.pdf')));
    expect(report).toMatchObject({ pages: 7, words: 0, problem: null, metadata });
    expect(await index.report(idOf('nothing'))).toBeNull();
  });

  test('indexing a document again replaces what was said of it', async () => {
    await index.upsert(documentOf('heron.txt', 'grey'), 1);
    await index.upsert(documentOf('heron.txt', 'white', { name: 'egret.txt' }), 2);
    expect(await opened.namesFor('grey')).toEqual([]);
    expect(await opened.namesFor('heron')).toEqual([]);
    expect(await opened.namesFor('white')).toEqual(['egret.txt']);
    expect(await index.count()).toBe(1);
  });

  test('what is known of a document is what was said of it last', async () => {
    const document = documentOf('heron.pdf', '', {
      ...{ mediaType: 'application/pdf', problem: 'it is damaged', problemCode: 'unreadable' },
    });
    await index.upsert(document, 7);
    const { source, words, problem, indexedAtMs } = document;
    const known = { state: 'indexed', revision: 7, source, words, problem, indexedAtMs };
    expect(await index.find(document.documentId)).toEqual(known);
    const moved = { ...source, locations: [{ collection: 'library', path: 'shelf/heron.pdf' }] };
    await index.confirm({ ...document, source: moved }, 9);
    await index.confirm(document, 8);
    expect(await index.find(document.documentId)).toEqual({ ...known, source: moved, revision: 9 });
  });

  test('a hidden document is found by this node alone, until its next revision', async () => {
    await index.upsert(documentOf('heron.txt', 'grey'), 3);
    await index.hide(idOf('heron.txt'), 3); // that revision has been applied
    expect(await opened.namesFor('grey', { scope: 'public' })).toEqual(['heron.txt']);
    await index.hide(idOf('heron.txt'), 4);
    await index.hide(idOf('nothing'), 4);
    expect(await opened.namesFor('grey', { scope: 'public' })).toEqual([]);
    expect(await opened.namesFor('grey')).toEqual(['heron.txt']);
    await index.confirm(documentOf('heron.txt', 'grey'), 4);
    expect(await opened.namesFor('grey', { scope: 'public' })).toEqual(['heron.txt']);
  });

  test('a document is found by the words of all of its names', async () => {
    const { source, ...document } = documentOf('heron.txt', 'grey');
    await index.upsert({ ...document, source: { ...source, names: ['heron.txt', 'GrauReiher.txt'] } }, 1);
    for (const words of ['heron', 'reiher', 'graureiher', 'heron reiher grey'])
      expect(await opened.namesFor(words)).toEqual(['heron.txt']);
  });

  test('of two facts about a document the later one wins, in whatever order they come', async () => {
    expect(await index.upsert(documentOf('heron.txt', 'later'), 5)).toBe(true);
    expect(await index.upsert(documentOf('heron.txt', 'same'), 5)).toBe(false);
    expect(await index.upsert(documentOf('heron.txt', 'earlier'), 4)).toBe(false);
    await index.remove(idOf('heron.txt'), 3);
    expect(await opened.namesFor('later')).toEqual(['heron.txt']);
  });

  test('a removed document is gone, and an older fact does not bring it back', async () => {
    await index.upsert(documentOf('heron.txt', 'grey'), 1);
    await index.remove(idOf('heron.txt'), 3);
    expect(await opened.namesFor('grey')).toEqual([]);
    expect(await index.count()).toBe(0);
    expect(await index.find(idOf('heron.txt'))).toEqual({ state: 'removed', revision: 3 });
    expect(await index.upsert(documentOf('heron.txt', 'grey'), 2)).toBe(false);
    expect(await index.upsert(documentOf('heron.txt', 'grey'), 4)).toBe(true);
    expect(await opened.namesFor('grey')).toEqual(['heron.txt']);
  });

  test('a document that is removed before it was added stays away', async () => {
    await index.remove(idOf('heron.txt'), 2);
    expect(await index.upsert(documentOf('heron.txt', 'grey'), 1)).toBe(false);
    expect(await index.count()).toBe(0);
  });

  test('a revision is lowered only while it is the one that was seen', async () => {
    await index.upsert(documentOf('heron.txt', 'grey'), 9);
    await index.remove(idOf('egret.txt'), 9);
    for (const name of ['heron.txt', 'egret.txt']) {
      await index.rebase(idOf(name), 8, 2);
      expect(await index.find(idOf(name))).toMatchObject({ revision: 9 });
      await index.rebase(idOf(name), 9, 2);
      expect(await index.find(idOf(name))).toMatchObject({ revision: 2 });
    }
    expect(await index.upsert(documentOf('egret.txt', 'white'), 3)).toBe(true);
  });

  test('indexed documents are listed in the order of their ids, with revision, problem and unread pages', async () => {
    await index.upsert(documentOf('heron.txt', 'grey'), 4);
    await index.upsert(documentOf('scan.pdf', '', { problem: 'no text', problemCode: 'ocr-off', picturePages: 7 }), 5);
    await index.remove(idOf('egret.txt'), 6);
    const [first, second] = [
      { documentId: idOf('heron.txt'), revision: 4, problemCode: null, picturePages: 0 },
      { documentId: idOf('scan.pdf'), revision: 5, problemCode: 'ocr-off', picturePages: 7 },
    ].toSorted((one, other) => (one.documentId < other.documentId ? -1 : 1));
    expect(await index.revisions('', 10)).toEqual([first, second]);
    expect(await index.revisions(first?.documentId ?? '', 10)).toEqual([second]);
    expect(await index.revisions('', 1)).toEqual([first]);
  });

  test('pages that only show pictures are counted until they are read', async () => {
    expect(await index.countPicturePages()).toBe(0);
    await index.upsert(documentOf('scan.pdf', '', { problem: 'OCR is off', picturePages: 7 }), 1);
    await index.upsert(documentOf('typed.pdf', 'grey', { picturePages: 2 }), 2);
    expect(await index.countPicturePages()).toBe(9);
    expect(await index.report(idOf('typed.pdf'))).toMatchObject({ picturePages: 2 });
    await index.upsert(documentOf('typed.pdf', 'grey'), 3);
    await index.remove(idOf('scan.pdf'), 4);
    expect(await index.countPicturePages()).toBe(0);
  });

  test('no search text is an error', async () => {
    await index.upsert(documentOf('heron.txt', 'the grey heron AND OR NOT NEAR body name'), 1);
    const operators = fc.constantFrom(
      '"',
      '*',
      '^',
      ':',
      '(',
      ')',
      '-',
      '+',
      ' AND ',
      ' OR ',
      ' NOT ',
      'NEAR(',
      '\0',
      'body:',
      '🐦',
      '—',
      'a',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 512 }),
      fc.string({ unit: 'binary-ascii', maxLength: 512 }),
      fc.array(operators, { maxLength: 200 }).map((parts) => parts.join('').slice(0, 512)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (each) => {
        expect(Array.isArray(await opened.search(each, { limit: 5 }))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('any text and any name can be indexed, and the words before it are found', async () => {
    let revision = 1;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        await index.upsert(documentOf('any.txt', `first ${text}`, { name: `x${text}` }), (revision += 1));
        expect(await opened.search('first', { limit: 5 })).toHaveLength(1);
      }),
    );
  });

  test('a book of two million characters is indexed, indexed again, and found by its last word', async () => {
    const words = Array.from({ length: 40_000 }, (_, n) => `word${(n * 7_919) % 40_000}x${n % 97}`);
    const book = Array.from({ length: 6 }, () => words.join(' '))
      .join('\n')
      .slice(0, 2_000_000);
    const document = documentOf('book.txt', `${book} colophon`);
    await index.upsert(document, 1);
    await index.upsert(document, 2);
    expect(await opened.search('colophon', { limit: 1 })).toMatchObject([
      { snippet: expect.stringMatching(/ colophon$/) },
    ]);
  });

  test('a word that stands everywhere in a book is shown', async () => {
    await index.upsert(documentOf('book.txt', 'the heron and the egret '.repeat(80_000)), 1);
    expect(await opened.search('the', { limit: 1 })).toMatchObject([
      { snippet: expect.stringMatching(/^the heron and the egret/) },
    ]);
  });
});
