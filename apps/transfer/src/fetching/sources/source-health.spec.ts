import { expect, test } from 'vitest';
import { SourceHealth } from './source-health.ts';

/** For how many seconds from now on the peer is not asked. */
function pauseOf(health: SourceHealth, nowMs: number): number {
  for (let seconds = 0; seconds <= 100; seconds++) if (health.isAvailable('p', nowMs + seconds * 1_000)) return seconds;
  return Number.POSITIVE_INFINITY;
}

test('each failure doubles the pause, up to 45 seconds; a piece that came makes all good', () => {
  const health = new SourceHealth();
  const pauses = Array.from({ length: 7 }, () => {
    health.failed('p', 0);
    return pauseOf(health, 0);
  });
  expect(pauses).toEqual([2, 4, 8, 16, 32, 45, 45]);
  health.succeeded('p');
  expect(pauseOf(health, 0)).toBe(0);
  health.failed('p', 0);
  expect(pauseOf(health, 0)).toBe(2);
});

test('who is busy is asked when it said, and not at once when it did not say', () => {
  const health = new SourceHealth();
  health.busy('p', 0, 15_000);
  expect(pauseOf(health, 0)).toBe(15);
  health.busy('p', 0, 0);
  expect(pauseOf(health, 0)).toBe(2);
});

test('a peer that sent wrong bytes is asked again after half a minute, and after a bit more each time', () => {
  const health = new SourceHealth();
  const pauses = Array.from({ length: 4 }, () => {
    health.sentWrongBytes('p', 0);
    return pauseOf(health, 0);
  });
  expect(pauses).toEqual([30, 45, 45, 45]);
});

test('after a reset all peers are asked at once', () => {
  const health = new SourceHealth();
  health.busy('p', 0, 600_000);
  health.reset();
  expect(pauseOf(health, 0)).toBe(0);
});

test('a flood of peers pushes out the oldest alone', () => {
  const health = new SourceHealth();
  for (let peer = 0; peer <= 1_000; peer++) health.sentWrongBytes(`peer ${peer}`, 0);
  expect(health.isAvailable('peer 0', 0)).toBe(true);
  expect(health.isAvailable('peer 1', 0)).toBe(false);
});
