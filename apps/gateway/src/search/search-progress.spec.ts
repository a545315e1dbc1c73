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
const after = (...steps: SearchStep[]): SearchProgress => {
  const progress = new SearchProgress();
  for (const step of steps) progress.add(step);
  return progress;
};

test('a peer that failed was asked but has not answered', () => {
  const progress = after(
    { kind: 'asked', peers: 2 },
    { kind: 'answered', peerId: 'p1', hits: [hit] },
    { kind: 'failed', peerId: 'p2', reason: 'silent' },
  );
  expect(progress.coverage).toEqual({ asked: 2, answered: 1 });
  expect(progress.isEveryPeerDone).toBe(true);
  expect(progress.results(10, 'relevance')).toMatchObject([
    { documentId: 'a', local: false, sources: [{ peerId: 'p1' }] },
  ]);
});

test('a peer that answers twice counts once', () => {
  const answer: SearchStep = { kind: 'answered', peerId: 'p1', hits: [hit] };
  const progress = after({ kind: 'asked', peers: 2 }, answer, answer);
  expect(progress.coverage.answered).toBe(1);
  expect(progress.isEveryPeerDone).toBe(false);
});

test('local hits stand beside a network that is away', () => {
  const progress = after(
    { kind: 'unavailable', part: 'network' },
    { kind: 'local', hits: [hit], suggestion: 'b', facets: null },
  );
  expect(progress.unavailable).toEqual(['network']);
  expect(progress.remarks).toEqual({ suggestion: 'b', facets: null });
  expect(progress.results(10, 'relevance')).toMatchObject([{ local: true, sources: [] }]);
  expect(progress.coverage).toEqual({ asked: 0, answered: 0 });
});
