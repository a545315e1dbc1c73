import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('a burst goes at once, then each step waits for its turn', () => {
  const pace = new Pace({ perSecond: 10, burst: 3 });
  const waits = Array.from({ length: 6 }, () => pace.waitMs('a', 1_000));
  expect(waits).toEqual([0, 0, 0, 100, 200, 300]);
  expect(pace.waitMs('b', 1_000)).toBe(0);
});

test('who has rested may go at once again', () => {
  const pace = new Pace({ perSecond: 10, burst: 1 });
  expect([pace.waitMs('a', 0), pace.waitMs('a', 0)]).toEqual([0, 100]);
  expect(pace.waitMs('a', 1_000)).toBe(0);
});

test('it forgets those who have rested, however many come', () => {
  const pace = new Pace({ perSecond: 1_000, burst: 1 });
  for (let who = 0; who < 30_000; who++) expect(pace.waitMs(String(who), who * 1_000)).toBe(0);
  expect(pace.waitMs('29999', 29_999_000)).toBe(1);
});
