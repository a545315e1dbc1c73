import { expect, test } from 'vitest';
import { PeerScores } from './peer-scores.ts';

const HALF_AN_HOUR_MS = 30 * 60_000;

test('a peer whose score reaches the limit is banned for half an hour, and starts almost clean afterwards', () => {
  let nowMs = 1_000;
  const scores = new PeerScores(() => nowMs);
  expect([1, 2, 3].map(() => scores.add('a', 'violation'))).toEqual([false, false, false]);
  expect(scores.isBanned('a')).toBe(false);
  expect(scores.add('a', 'violation')).toBe(true);
  expect([scores.isBanned('a'), scores.isBanned('b'), scores.countBanned()]).toEqual([true, false, 1]);
  nowMs += HALF_AN_HOUR_MS;
  expect([scores.isBanned('a'), scores.countBanned()]).toEqual([false, 0]);
  expect(scores.scoreOf('a')).toBeLessThan(15);
});

test('scores of many peers take bounded memory: the latest are kept', () => {
  const scores = new PeerScores(() => 0);
  for (let n = 0; n < 10_001; n++) scores.add(`peer ${n}`, 'violation');
  expect(scores.scoreOf('peer 0')).toBe(0);
  expect(scores.scoreOf('peer 10000')).toBeGreaterThan(0);
});
