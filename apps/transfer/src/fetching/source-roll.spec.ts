import { expect, test } from 'vitest';
import { SourceRoll } from './source-roll.ts';

/** For how many seconds from now on the peer is not asked. */
function pauseOf(roll: SourceRoll, nowMs: number): number {
  for (let seconds = 0; seconds <= 100; seconds++) if (roll.isWelcome('p', nowMs + seconds * 1_000)) return seconds;
  return Number.POSITIVE_INFINITY;
}

test('each failure doubles the pause, up to a minute; a piece that came makes all good', () => {
  const roll = new SourceRoll();
  const pauses = Array.from({ length: 7 }, () => {
    roll.failed('p', 0);
    return pauseOf(roll, 0);
  });
  expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60]);
  roll.brought('p');
  expect(pauseOf(roll, 0)).toBe(0);
  roll.failed('p', 0);
  expect(pauseOf(roll, 0)).toBe(2);
});

test('who is busy is asked when it said, and not at once when it did not say', () => {
  const roll = new SourceRoll();
  roll.busy('p', 0, 15_000);
  expect(pauseOf(roll, 0)).toBe(15);
  roll.busy('p', 0, 0);
  expect(pauseOf(roll, 0)).toBe(2);
});

test('who lied is never asked again', () => {
  const roll = new SourceRoll();
  roll.lied('p');
  expect(pauseOf(roll, 1e12)).toBe(Number.POSITIVE_INFINITY);
});

test('a flood of peers pushes out the oldest alone', () => {
  const roll = new SourceRoll();
  for (let peer = 0; peer <= 1_000; peer++) roll.lied(`peer ${peer}`);
  expect(roll.isWelcome('peer 0', 0)).toBe(true);
  expect(roll.isWelcome('peer 1', 0)).toBe(false);
});
