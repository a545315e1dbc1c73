// Real: FTS5 on a file of its own. What this engine does in its own way; what all engines do is in search-*.integration.spec.ts.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SearchIndex } from '../search/search-index.ts';
import { type TestIndex, documentOf, openFts5 } from '../testing/test-index.ts';

let opened: TestIndex;
let index: SearchIndex;
beforeEach(async () => {
  opened = await openFts5();
  ({ index } = opened);
});
afterEach(() => opened.close());

test('the more often a word stands in a text, the better the text', async () => {
  for (let n = 0; n < 30; n++) {
    await index.upsert(documentOf(`${n}.txt`, `${'heron '.repeat(n + 1)}${'goose '.repeat(60 - n)}`), n);
  }
  expect(await opened.namesFor('heron', { limit: 3 })).toEqual(['29.txt', '28.txt', '27.txt']);
});

test('a peer is forgiven one typo a word', async () => {
  await index.upsert(documentOf('one.txt', 'kingfisher'), 1);
  expect(await opened.namesFor('kinggfisher', { scope: 'public' })).toEqual(['one.txt']);
  expect(await opened.namesFor('kinggfisherr', { scope: 'public' })).toEqual([]);
});

test('of a long question four words may be mistyped, those first that nobody has', async () => {
  await index.upsert(documentOf('one.txt', 'heron egret bittern stork ibises kingfisher'), 1);
  expect(await opened.namesFor('heron egret bittern stork ibises kinggfisher')).toEqual(['one.txt']);
  expect(await opened.namesFor('herron eggret bitttern stoork ibisess kinggfisher')).toEqual([]);
});

test('a search is answered while a long book is being written', async () => {
  await index.upsert(documentOf('heron.txt', 'the grey heron'), 1);
  const book = Array.from({ length: 400_000 }, (_, n) => `word${n % 50_000}`).join(' ');
  let isWritten = false;
  const writing = index.upsert(documentOf('book.txt', book), 2).then(() => {
    isWritten = true;
  });
  expect(await opened.namesFor('heron')).toEqual(['heron.txt']);
  expect(isWritten).toBe(false);
  await writing;
  expect(await opened.namesFor('word49999')).toEqual(['book.txt']);
});
