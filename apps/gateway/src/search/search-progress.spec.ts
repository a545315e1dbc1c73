import { expect, test } from 'vitest';
import { SearchProgress, type SearchStep } from './search-progress.ts';

const hit = {
  ...{ title: null, creators: [], year: null, language: null, typos: 0 },
  documentId: 'a',
  name: 'a',
  sizeBytes: 1,
  mediaType: 'x/y',
  snippet: null,
  highlights: [],
  place: null,
  score: 1,
};
const PAGE = { skip: 0, limit: 10, order: 'relevance', readerLanguage: 'und' } as const;
const after = (...steps: SearchStep[]): SearchProgress => {
  const progress = new SearchProgress();
  for (const step of steps) progress.add(step);
  return progress;
};

test('a peer that failed was asked but has not answered', () => {
  const progress = after(
    { kind: 'asked', peerIds: ['p1', 'p2'] },
    { kind: 'answered', peerId: 'p1', hits: [hit], total: null },
    { kind: 'failed', peerId: 'p2', reason: 'silent' },
  );
  const missing = [{ peerId: 'p2', reason: 'failed' }];
  expect(progress.coverage).toEqual({ asked: 2, answered: 1, missing, cachedAtMs: null });
  expect(progress.isEveryPeerDone).toBe(true);
  expect(progress.results(PAGE)).toMatchObject([
    { documentId: 'a', local: false, sources: [{ peerId: 'p1', seenAtMs: null }] },
  ]);
});

test('a peer that answers twice counts once', () => {
  const answer: SearchStep = { kind: 'answered', peerId: 'p1', hits: [hit], total: null };
  const progress = after({ kind: 'asked', peerIds: ['p1', 'p2'] }, answer, answer);
  expect(progress.coverage).toMatchObject({ answered: 1, missing: [{ peerId: 'p2', reason: 'silent' }] });
  expect(progress.isEveryPeerDone).toBe(false);
});

test('local hits stand beside a network that is away', () => {
  const progress = after(
    { kind: 'unavailable', part: 'network' },
    { kind: 'local', hits: [hit], suggestion: 'b', facets: null, total: null },
  );
  expect(progress.unavailable).toEqual(['network']);
  expect(progress.remarks).toEqual({ suggestion: 'b', facets: null });
  expect(progress.results(PAGE)).toMatchObject([{ local: true, sources: [] }]);
  expect(progress.coverage).toEqual({ asked: 0, answered: 0, missing: [], cachedAtMs: null });
});

const seen = (...steps: SearchStep[]) => after({ kind: 'asked', peerIds: ['p1', 'p2'] }, ...steps).networkAnswer(7);
const answered = (peerId: string, ...hits: (typeof hit)[]): SearchStep => ({
  kind: 'answered',
  peerId,
  hits,
  total: null,
});

test('what a peer answered before stays with its time, until it answers again', () => {
  const progress = new SearchProgress();
  progress.addSeen(
    seen(answered('p1', hit), answered('p2', hit), {
      kind: 'source',
      peerId: 'p3',
      documentIds: ['a'],
      isConfirmed: true,
    }),
  );
  progress.add({ kind: 'asked', peerIds: ['p2'] });
  const sourcesOf = () => progress.results(PAGE)[0]?.sources;
  const [p1, p3] = ['p1', 'p3'].map((peerId) => ({ peerId, seenAtMs: 7 }));
  expect(sourcesOf()).toEqual([p1, { peerId: 'p2', seenAtMs: 7 }, p3]);
  expect(progress.coverage).toMatchObject({ asked: 1, answered: 0, missing: [{ peerId: 'p2', reason: 'silent' }] });
  progress.add(answered('p2'));
  expect(sourcesOf()).toEqual([p1, p3]);
  expect(progress.coverage).toEqual({ asked: 1, answered: 1, missing: [], cachedAtMs: null });
});

test('a cached answer has the coverage of its search, and says when that was', () => {
  const progress = new SearchProgress();
  progress.addCached(seen(answered('p1', hit)));
  const missing = [{ peerId: 'p2', reason: 'silent' }];
  expect(progress.coverage).toEqual({ asked: 2, answered: 1, missing, cachedAtMs: 7 });
  expect(progress.results(PAGE)).toMatchObject([{ sources: [{ peerId: 'p1', seenAtMs: 7 }] }]);
});

test.each([
  ['of the index alone', [], null, { documents: 40, isAtLeast: false }],
  [
    'and of peers what this node does not have',
    [{ ...hit, documentId: 'b' }, hit],
    null,
    { documents: 41, isAtLeast: false },
  ],
  ['or more, where a peer has more', [hit], { documents: 9, isAtLeast: false }, { documents: 40, isAtLeast: true }],
])('the total counts documents %s', (_what, hits, total, expected) => {
  const local = { hits: [hit], suggestion: null, facets: null, total: { documents: 40, isAtLeast: false } };
  const progress = after({ kind: 'local', ...local }, { kind: 'answered', peerId: 'p1', hits, total });
  expect(progress.total).toEqual(expected);
});

test('a peer that the DHT alone names stays as it was seen', () => {
  const progress = new SearchProgress();
  progress.addSeen(seen(answered('p1', hit)));
  progress.add({ kind: 'source', peerId: 'p1', documentIds: ['a'], isConfirmed: false });
  expect(progress.results(PAGE)[0]?.sources).toEqual([{ peerId: 'p1', seenAtMs: 7 }]);
  progress.add({ kind: 'source', peerId: 'p1', documentIds: ['a'], isConfirmed: true });
  expect(progress.results(PAGE)[0]?.sources).toEqual([{ peerId: 'p1', seenAtMs: null }]);
});
