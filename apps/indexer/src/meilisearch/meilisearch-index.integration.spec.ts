// Real: Meilisearch's official client. Meilisearch itself is a recorder that answers as its reference says, so this holds
// in place what is asked of it; what it finds is tested by search-*.integration.spec.ts where MEILI_URL names a real one.
import { LibraryFilters, SearchHit } from '@allibrary/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_METADATA } from '../extraction/description/metadata.ts';
import type { SearchIndex } from '../search/search-index.ts';
import { RecordedMeilisearch } from '../testing/recorded-meilisearch.ts';
import { TestIndex, documentOf, idOf } from '../testing/test-index.ts';
import { openMeilisearch } from './open-meilisearch.ts';

const DOCUMENTS = '/indexes/lib_documents_v5';
const PASSAGES = '/indexes/lib_passages_v5';
const MADE = { createdAt: '2026-11-24T00:00:00Z', updatedAt: '2026-11-24T00:00:00Z' };

let meilisearch: RecordedMeilisearch;
let index: SearchIndex;
beforeEach(async () => {
  meilisearch = await RecordedMeilisearch.start();
  const indexes = [
    { path: DOCUMENTS, uid: 'lib_documents_v5', primaryKey: 'documentId' },
    { path: PASSAGES, uid: 'lib_passages_v5', primaryKey: 'id' },
  ];
  for (const { path, ...made } of indexes) meilisearch.replies.set(`GET ${path}`, [200, { ...made, ...MADE }]);
  index = await openMeilisearch({ url: meilisearch.url, masterKey: undefined, prefix: 'lib' });
  meilisearch.taken();
});
afterEach(async () => {
  await index.close();
  await meilisearch.stop();
});

const known = (label: string, record: object): void => {
  meilisearch.replies.set(`GET ${DOCUMENTS}/documents/${idOf(label)}`, [200, record]);
};

test('it starts with the master key, gets a key for its own indexes, and makes those with their settings', async () => {
  for (const path of [DOCUMENTS, PASSAGES]) meilisearch.replies.delete(`GET ${path}`);
  meilisearch.replies.set('POST /keys', [201, { key: 'own', expiresAt: null, ...MADE }]);
  const opening = openMeilisearch({ url: meilisearch.url, masterKey: 'master', prefix: 'lib' });
  await expect(opening).rejects.toThrow(/can't be used/); // for the recorder makes no index
  const [keys, create, look, ...rest] = meilisearch.taken();
  expect(keys).toMatchObject({ request: expect.stringMatching(/^GET \/keys\/[0-9a-f-]{36}$/), key: 'master' });
  expect(create).toEqual({
    request: 'POST /keys',
    key: 'master',
    body: {
      uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      name: 'AlLibrary indexer',
      actions: [
        ...['search', 'documents.*', 'indexes.create', 'indexes.get', 'settings.get', 'settings.update', 'tasks.get'],
      ],
      indexes: ['lib_*'],
      expiresAt: null,
    },
  });
  expect(look).toEqual({ request: `GET ${PASSAGES}`, key: 'own' });
  expect(rest).toMatchObject([
    { request: 'POST /indexes', key: 'own', body: { uid: 'lib_passages_v5', primaryKey: 'id' } },
    {
      request: `PATCH ${PASSAGES}/settings`,
      key: 'own',
      body: {
        searchableAttributes: ['title', 'nameWords', 'creators', 'subjects', 'body', 'folded'],
        rankingRules: ['words', 'typo', 'sort', 'proximity', 'attribute', 'exactness'],
        distinctAttribute: 'documentId',
        typoTolerance: { minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 } },
      },
    },
    { request: `GET ${PASSAGES}` },
  ]);
});

test('an index that was made anew has another generation, so that all facts are consumed again', async () => {
  const open = () => openMeilisearch({ url: meilisearch.url, masterKey: undefined, prefix: 'lib' });
  expect((await open()).generation).toBe(index.generation);
  const anew = { uid: 'lib_documents_v5', primaryKey: 'documentId', ...MADE, createdAt: '2026-11-25T00:00:00Z' };
  meilisearch.replies.set(`GET ${DOCUMENTS}`, [200, anew]);
  expect((await open()).generation).not.toBe(index.generation);
});

test('a document is written as passages, and then as a record that says all of them are there', async () => {
  const divisions = [
    { at: 0, page: 1, chapter: null },
    { at: 6, page: 2, chapter: 'Vögel' },
  ];
  const metadata = { ...NO_METADATA, title: 'Of Herons', year: 1998 };
  const document = documentOf('birds.pdf', 'reeds\nthe grey hérón', { divisions, metadata });
  expect(await index.upsert(document, 7)).toBe(true);
  const [look, passages, record] = meilisearch.taken();
  expect(look?.request).toBe(`GET ${DOCUMENTS}/documents/${idOf('birds.pdf')}`);
  expect(passages).toMatchObject({
    request: `PUT ${PASSAGES}/documents`,
    body: [
      { id: `${idOf('birds.pdf')}-0`, documentId: idOf('birds.pdf'), page: 1, body: 'reeds\n', folded: null },
      { id: `${idOf('birds.pdf')}-1`, page: 2, chapter: 'Vögel', folded: 'the grey heron', decade: 1990 },
    ],
  });
  expect(record).toMatchObject({
    request: `PUT ${DOCUMENTS}/documents`,
    body: [{ documentId: idOf('birds.pdf'), revision: 7, isRemoved: false, passages: 2, pages: 2, metadata }],
  });
});

test('passages that a document no longer has are deleted before its record is written', async () => {
  known('a.txt', { revision: 1, isRemoved: false, passages: 3 });
  await index.upsert(documentOf('a.txt', 'short'), 2);
  expect(meilisearch.taken().slice(1)).toMatchObject([
    { request: `PUT ${PASSAGES}/documents` },
    { request: `POST ${PASSAGES}/documents/delete-batch`, body: [`${idOf('a.txt')}-1`, `${idOf('a.txt')}-2`] },
    { request: `PUT ${DOCUMENTS}/documents`, body: [{ revision: 2, passages: 1 }] },
  ]);
});

test('facts that are not newer than what is known write nothing', async () => {
  known('a.txt', { revision: 5, isRemoved: true, passages: 0 });
  expect(await index.upsert(documentOf('a.txt', 'late'), 5)).toBe(false);
  await index.remove(idOf('a.txt'), 4);
  await index.confirm(documentOf('a.txt', ''), 6);
  expect(meilisearch.taken().every(({ request }) => request.startsWith('GET '))).toBe(true);
});

test('documents that come while others are written are the next batch', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map((name, n) => index.upsert(documentOf(name, 'text'), n)));
  const writes = meilisearch.taken().filter(({ request }) => request === `PUT ${DOCUMENTS}/documents`);
  const sizes = writes.map(({ body }) => (body as unknown[]).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(4);
  expect(sizes.length).toBeLessThan(4);
});

test('who may find a document is changed in all of its passages; a removed one leaves its record alone', async () => {
  known('a.txt', {
    documentId: idOf('a.txt'),
    revision: 1,
    isRemoved: false,
    isPublic: true,
    collections: ['maps'],
    passages: 2,
  });
  await index.confirm(documentOf('a.txt', '', { isPublic: false, collections: ['maps'] }), 2);
  const ids = [`${idOf('a.txt')}-0`, `${idOf('a.txt')}-1`];
  expect(meilisearch.taken().slice(1)).toEqual([
    {
      request: `PUT ${PASSAGES}/documents`,
      key: undefined,
      body: ids.map((id) => ({ id, isPublic: false, collections: ['maps'] })),
    },
    expect.objectContaining({ body: [expect.objectContaining({ revision: 2, isPublic: false, passages: 2 })] }),
  ]);
  await index.remove(idOf('a.txt'), 3);
  expect(meilisearch.taken().slice(1)).toMatchObject([
    { request: `POST ${PASSAGES}/documents/delete-batch`, body: ids },
    { request: `PUT ${DOCUMENTS}/documents`, body: [{ revision: 3, isRemoved: true, passages: 0 }] },
  ]);
});

test('a task that failed fails what waits for it, with the reason', async () => {
  const error = { message: 'no space left on device', code: 'no_space_left_on_device' };
  meilisearch.replies.set('GET /tasks/4', [200, { uid: 4, type: 'documentAdditionOrUpdate', status: 'failed', error }]);
  meilisearch.replies.set(`PUT ${PASSAGES}/documents`, [202, { taskUid: 4, status: 'enqueued', type: 'any' }]);
  await expect(index.upsert(documentOf('a.txt', 'text'), 1)).rejects.toThrow('no space left on device');
});

test('a Meilisearch that does not answer is a problem with an address', async () => {
  meilisearch.replies.set('GET /health', [200, { status: 'available' }]);
  expect(await index.problem()).toBeNull();
  meilisearch.replies.set('GET /health', [503, {}]);
  expect(await index.problem()).toBe(`Meilisearch does not answer at ${meilisearch.url}`);
});

test('documents are counted and listed without those that were removed', async () => {
  const listed = { documentId: 'b', revision: 3, problemCode: 'ocr-off', picturePages: 0 };
  const found = { results: [listed], offset: 0, limit: 2, total: 8 };
  meilisearch.replies.set(`POST ${DOCUMENTS}/documents/fetch`, [200, found]);
  expect(await index.count()).toBe(8);
  expect(await index.revisions('a', 2)).toEqual([listed]);
  expect(meilisearch.taken().map(({ body }) => body)).toEqual([
    { filter: 'isRemoved = false', fields: ['documentId'], limit: 0 },
    {
      filter: ['isRemoved = false', 'documentId > "a"'],
      sort: ['documentId:asc'],
      fields: ['documentId', 'revision', 'problemCode', 'picturePages'],
      limit: 2,
    },
  ]);
});

describe('a search', () => {
  const SEARCH = `POST ${PASSAGES}/search`;
  const hit = (name: string, body: string, typoCount: number) => ({
    ...{ documentId: idOf(name), name, sizeBytes: 5, mediaType: 'text/plain', title: null, creators: [], year: null },
    ...{ language: null, page: 3, chapter: null, body },
    _rankingScore: 0.5,
    _rankingScoreDetails: { typo: { order: 1, typoCount, maxTypoCount: 2, score: 1 } },
  });
  const found = (...hits: object[]) => meilisearch.replies.set(SEARCH, [200, { hits, facetDistribution: {} }]);
  const asked = () => meilisearch.taken().map(({ body }) => (body as { q: string }).q);
  const opened = () => new TestIndex(index, async () => {});

  test.each([
    ['an unfinished word is left open', 'Grey her', ['"grey" her', 'grey her']],
    ['quoted words stay together', '"grey heron" reeds', ['"grey heron" reeds', '"grey heron" reeds']],
    ['words that signs part stay together', 'annual_report', ['"annual_report"', '"annual_report"']],
    [
      'what must not be there comes first',
      'heron -goose -"sea gull"',
      ['-"goose" -"sea gull" "heron"', '-"goose" -"sea gull" heron'],
    ],
    ['scripts without blanks are left to Meilisearch', '図書館', ['図書館', '図書館']],
    ['no word is no question', '"*"', []],
  ])('%s', async (_rule, text, questions) => {
    found();
    await opened().ask(text);
    expect(asked()).toEqual(questions);
  });

  test('asks for filters, order, counts and public documents in its own words', async () => {
    found(hit('a.txt', 'heron', 0));
    const filters = LibraryFilters.parse({
      mediaTypes: ['text/plain'],
      languages: ['en'],
      yearFrom: -40,
      maxSizeBytes: 9,
    });
    await opened().ask('heron', { filters, order: 'year', limit: 7, facets: true, scope: 'public' });
    expect(meilisearch.taken()[0]?.body).toEqual({
      q: 'heron',
      limit: 7,
      offset: 0,
      filter: ['isPublic = true', 'mediaType IN ["text/plain"]', 'language IN ["en"]', 'year >= -40', 'sizeBytes <= 9'],
      sort: ['year:desc'],
      facets: ['mediaType', 'language', 'decade', 'collections'],
      matchingStrategy: 'all',
      showRankingScore: true,
      showRankingScoreDetails: true,
    });
  });

  test('answers with the hits that have the fewest typos, with our own snippets', async () => {
    found(hit('a.txt', 'the grey heron stands', 0), hit('b.txt', 'heroin', 1));
    const { hits, suggestion } = await opened().ask('heron');
    expect(hits.map((each) => SearchHit.parse(each))).toMatchObject([
      {
        name: 'a.txt',
        typos: 0,
        snippet: 'the grey heron stands',
        highlights: [{ at: 9, length: 5 }],
        place: { page: 3 },
      },
    ]);
    expect(suggestion).toBeNull();
    expect(asked()).toEqual(['heron']);
  });

  test('looks at the first page before it takes words for mistyped on a later one', async () => {
    found(hit('b.txt', 'heroin', 1)); // on every page: nothing holds the words as they were typed
    expect((await opened().ask('heron', { offset: 3 })).hits).toMatchObject([{ name: 'b.txt', typos: 1 }]);
    expect(meilisearch.taken().map(({ body }) => body)).toMatchObject([
      { q: 'heron', offset: 3, limit: 20 },
      { q: 'heron', offset: 0, limit: 1 },
      { q: 'heron', offset: 3, limit: 20 },
    ]);
  });

  test('says what was meant when nothing holds the words as they were typed', async () => {
    found(hit('a.txt', 'the grey heron stands', 1));
    const { hits, suggestion } = await opened().ask('heren');
    expect(hits).toMatchObject([{ typos: 1, highlights: [{ at: 9, length: 5 }] }]);
    expect(suggestion).toBe('heron');
  });

  test('counts the kinds of what was found, the most frequent first', async () => {
    const facetDistribution = {
      mediaType: { 'text/plain': 1, 'text/html': 4 },
      language: {},
      decade: { 1990: 2 },
      collections: {},
    };
    meilisearch.replies.set(SEARCH, [200, { hits: [hit('a.txt', 'heron', 0)], facetDistribution }]);
    expect((await opened().ask('heron', { facets: true })).facets).toEqual({
      mediaTypes: [
        { value: 'text/html', documents: 4 },
        { value: 'text/plain', documents: 1 },
      ],
      languages: [],
      decades: [{ value: '1990', documents: 2 }],
      collections: [],
    });
  });
});
