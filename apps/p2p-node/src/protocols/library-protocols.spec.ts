import { expect, test } from 'vitest';
import { encode } from './exchange.ts';
import { MOST_HITS, SEARCH, fitAnswer } from './library-protocols.ts';

const hit = (n: number, snippet: string) => ({
  documentId: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
  name: `${n}`,
  sizeBytes: n,
  mediaType: 'text/plain',
  title: null,
  creators: [],
  year: null,
  language: null,
  typos: 0,
  snippet,
  highlights: [],
  place: null,
  score: -n,
});
const hits = (count: number, snippet: string) => Array.from({ length: count }, (_, n) => hit(n, snippet));

test('hits that fit are sent as they are', () => {
  const total = { documents: 7, isAtLeast: true };
  expect(fitAnswer({ hits: hits(3, 'short'), total })).toEqual({ hits: hits(3, 'short'), total });
  expect(fitAnswer({ hits: [], total: null })).toEqual({ hits: [], total: null });
});

test('no more hits are sent than a peer may ask for', () => {
  expect(fitAnswer({ hits: hits(100, 'short'), total: null }).hits).toEqual(hits(MOST_HITS, 'short'));
});

test('of the longest hits as many are sent as an answer can hold, the best first', () => {
  const longest = hits(MOST_HITS, '\u0001'.repeat(6_000)); // six bytes each in JSON
  const { hits: fitting } = fitAnswer({ hits: longest, total: null });
  expect(fitting).toEqual(longest.slice(0, fitting.length));
  expect(encode({ hits: fitting, total: null }).length).toBeLessThanOrEqual(SEARCH.maxAnswerBytes);
  expect(encode({ hits: longest.slice(0, fitting.length + 1), total: null }).length).toBeGreaterThan(
    SEARCH.maxAnswerBytes,
  );
});
