import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

const MINUTE_MS = 60_000;

test('a burst passes, then as many as the rate gives', () => {
  const limit = new RateLimit({ burst: 3, perMinute: 1 }, 10);
  const take = (nowMs: number) => limit.take('a', nowMs);
  expect([0, 0, 0, 0].map(take)).toEqual([true, true, true, false]);
  expect([MINUTE_MS, MINUTE_MS].map(take)).toEqual([true, false]);
  expect(limit.take('b', 0)).toBe(true);
});

test('over any time no asker gets more than the burst and the rate', () => {
  const waits = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(waits, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 600 }), (each, burst, perMinute) => {
      const limit = new RateLimit({ burst, perMinute }, 10);
      let [nowMs, passed] = [0, 0];
      for (const wait of each) {
        nowMs += wait;
        if (limit.take('a', nowMs)) passed += 1;
      }
      expect(passed).toBeLessThanOrEqual(burst + (nowMs / MINUTE_MS) * perMinute + 1e-6);
    }),
  );
});

test('a flood of askers pushes out the one that was seen longest ago', () => {
  const limit = new RateLimit({ burst: 1, perMinute: 1 }, 2);
  expect([limit.take('a', 0), limit.take('b', 0), limit.take('a', 0)]).toEqual([true, true, false]);
  limit.take('c', 0); // 'b' is forgotten, 'a' is not
  expect(limit.take('a', 0)).toBe(false);
  expect(limit.take('b', 0)).toBe(true);
});
