import type { SearchResult } from '@allibrary/api';
import { type SearchHit, SearchOrder } from '@allibrary/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answers, type Source, mergeResults } from './merge-results.ts';

const hit = (documentId: string, rest: Partial<SearchHit> = {}): SearchHit => ({
  documentId,
  name: `${documentId}.txt`,
  sizeBytes: 10,
  mediaType: 'text/plain',
  title: null,
  creators: [],
  year: null,
  language: null,
  typos: 0,
  snippet: null,
  highlights: [],
  place: null,
  score: 1,
  ...rest,
});
const answers = (local: SearchHit[], peers: Record<string, SearchHit[]> = {}): Answers => ({
  local,
  held: new Set(),
  peers: new Map(Object.entries(peers).map(([peerId, found]) => [peerId, { hits: found, seenAtMs: null }])),
  sources: new Map(),
});
const merge = (given: Answers, order: SearchOrder, language = 'und'): SearchResult[] =>
  mergeResults(given, order, language);
const now = (peerId: string): Source => ({ peerId, seenAtMs: null });
const idsOf = (merged: readonly { documentId: string }[]) => merged.map(({ documentId }) => documentId);

const hits = fc.array(
  fc.record({
    documentId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    name: fc.constantFrom('x.txt', 'y.txt'),
    snippet: fc.option(fc.constantFrom('one', 'two')),
  }),
  { maxLength: 8 },
);
const anyAnswers = fc
  .record({ local: hits, peers: fc.dictionary(fc.constantFrom('p1', 'p2', 'p3', 'p4'), hits) })
  .map(({ local, peers }) =>
    answers(
      local.map(({ documentId, ...rest }) => hit(documentId, rest)),
      Object.fromEntries(
        Object.entries(peers).map(([id, found]) => [id, found.map(({ documentId, ...rest }) => hit(documentId, rest))]),
      ),
    ),
  );

describe('mergeResults', () => {
  test('one index keeps its own order', () => {
    expect(idsOf(merge(answers([hit('c'), hit('a'), hit('b')]), 'relevance'))).toEqual(['c', 'a', 'b']);
  });

  test('indexes take turns, and a document that two of them found comes first', () => {
    const merged = merge(
      answers([hit('a'), hit('b')], { p1: [hit('c'), hit('d')], p2: [hit('e'), hit('b')] }),
      'relevance',
    );
    expect(idsOf(merged)).toEqual(['b', 'a', 'c', 'e', 'd']);
  });

  test('a document that only peers found is local when this node holds it all the same', () => {
    const found = { ...answers([], { p1: [hit('a'), hit('b')] }), held: new Set(['a']) };
    expect(merge(found, 'relevance').map(({ local }) => local)).toEqual([true, false]);
  });

  test('a peer gains nothing by naming a document twice', () => {
    const merged = merge(answers([], { p1: [hit('a'), hit('b'), hit('b'), hit('b')] }), 'relevance');
    expect(idsOf(merged)).toEqual(['a', 'b']);
    expect(merged[1]?.sources).toEqual([now('p1')]);
  });

  test("a document's name is our own, else what most peers say", () => {
    const lie = hit('a', { name: 'lie.txt', sizeBytes: 1 });
    const peers = { p1: [lie], p2: [hit('a')], p3: [hit('a')] };
    expect(merge(answers([], peers), 'relevance')[0]).toMatchObject({
      name: 'a.txt',
      sizeBytes: 10,
      local: false,
    });
    expect(merge(answers([lie], peers), 'relevance')[0]).toMatchObject({
      name: 'lie.txt',
      sizeBytes: 1,
      local: true,
    });
  });

  test('a snippet comes from this node, else from the peer that ranks the document best', () => {
    const place = { page: 7, chapter: null };
    const highlights = [{ at: 0, length: 5 }];
    const peers = {
      p1: [hit('b'), hit('a', { snippet: 'second' })],
      p2: [hit('a', { snippet: 'first', highlights, place })],
    };
    const merged = merge(answers([], peers), 'relevance').find(({ documentId }) => documentId === 'a');
    expect(merged).toMatchObject({ snippet: 'first', highlights, place });
    expect(merge(answers([hit('a', { snippet: 'own' })], peers), 'relevance')[0]?.snippet).toBe('own');
  });

  test('a peer that has a document behind its first hits is a source, too', () => {
    const sources = new Map([['a', [now('p2'), { peerId: 'p1', seenAtMs: 5 }]]]);
    const [found] = merge({ ...answers([hit('a')], { p1: [hit('a')] }), sources }, 'relevance');
    expect(found?.sources).toEqual([now('p1'), now('p2')]);
  });

  test('what was seen at a peer before is marked with its time', () => {
    const peers = new Map([['p1', { hits: [hit('a')], seenAtMs: 7 }]]);
    expect(merge({ ...answers([]), peers }, 'relevance')).toMatchObject([{ sources: [{ peerId: 'p1', seenAtMs: 7 }] }]);
  });

  test('titles are sorted in the language of the reader', () => {
    const given = answers([hit('a', { title: 'Ähre' }), hit('b', { title: 'Zimt' }), hit('c', { title: 'Anker' })]);
    expect(idsOf(merge(given, 'title', 'de'))).toEqual(['a', 'c', 'b']);
    expect(idsOf(merge(given, 'title', 'sv'))).toEqual(['c', 'b', 'a']);
  });

  test('each document is named once, with exactly the peers that answered with it', () => {
    fc.assert(
      fc.property(anyAnswers, (given) => {
        const merged = merge(given, 'relevance');
        const all = [...given.local, ...[...given.peers.values()].flatMap((each) => each.hits)].map(
          ({ documentId }) => documentId,
        );
        expect(new Set(idsOf(merged))).toEqual(new Set(all));
        expect(merged).toHaveLength(new Set(all).size);
        for (const { documentId, sources, local } of merged) {
          const having = [...given.peers].filter(([, found]) =>
            found.hits.some((each) => each.documentId === documentId),
          );
          expect(sources.map(({ peerId }) => peerId)).toEqual(having.map(([peerId]) => peerId).toSorted());
          expect(local).toBe(given.local.some((each) => each.documentId === documentId));
        }
      }),
    );
  });

  test('the order in which peers answer changes nothing', () => {
    fc.assert(
      fc.property(anyAnswers, fc.constantFrom(...SearchOrder.options), (given, order) => {
        const reversed = { ...given, peers: new Map([...given.peers].toReversed()) };
        expect(merge(reversed, order)).toEqual(merge(given, order));
      }),
    );
  });

  test('what holds the words as they were typed comes first, whoever has it', () => {
    const given = answers([hit('a', { typos: 1 })], {
      p1: [hit('b', { typos: 2 }), hit('c')],
      p2: [hit('b'), hit('d')],
    });
    expect(idsOf(merge(given, 'relevance'))).toEqual(['b', 'c', 'd', 'a']);
  });

  test.each([
    ['title', ['b', 'a', 'c']],
    ['year', ['c', 'a', 'b']],
    ['size', ['a', 'c', 'b']],
    ['added', ['a', 'b', 'c']],
  ] as const)('they can be ordered by %s', (order, ids) => {
    const a = hit('a', { title: 'Gulls', year: 1990, sizeBytes: 30 });
    const b = hit('b', { title: 'Éiders', year: null, sizeBytes: 10 });
    const c = hit('c', { title: 'Gulls 2', year: 2001, sizeBytes: 20 });
    expect(idsOf(merge(answers([a], { p1: [a, b, c] }), order))).toEqual(ids);
  });
});
