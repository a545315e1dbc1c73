import { expect, test } from 'vitest';
import { etaMs } from './scan-progress.ts';

const eta = (filesSeen: number, filesExpected: number, afterMs: number) =>
  etaMs({ startedAtMs: 1_000, filesSeen, filesExpected }, 1_000 + afterMs);

test('the rest takes as long as what was seen, in proportion', () => {
  expect(eta(250, 1_000, 500)).toBe(1_500);
  expect(eta(100, 101, 0)).toBe(0);
});

test('it is not told before there is a pace, or when there is more than was expected', () => {
  expect([eta(99, 1_000, 500), eta(1_000, 1_000, 500), eta(500, 0, 500)]).toEqual([null, null, null]);
});
