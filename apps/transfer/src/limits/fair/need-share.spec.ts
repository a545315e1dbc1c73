import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareByNeed } from './need-share.ts';

const allShares = (limit: number, needs: readonly number[]): number[] =>
  needs.map((need, at) => shareByNeed(limit, need, needs.toSpliced(at, 1)));

test('a replica alone has the whole limit', () => {
  for (const need of [0, 10, 1e9]) expect(shareByNeed(100, need, [])).toBeCloseTo(100);
});

test('who needs little gets it, the others share the rest', () => {
  const [little, much, more] = allShares(100, [10, 500, 900]);
  expect([little, much, more]).toEqual([10, 45, 45]);
});

test('what nobody needs is shared equally', () => {
  expect(allShares(100, [10, 30])).toEqual([40, 60]);
});

test('the shares of all make the limit, and nobody gets less than an equal part while others get more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 1e9 }),
      fc.array(fc.integer({ min: 0, max: 2e9 }), { minLength: 1, maxLength: 12 }),
      (limit, needs) => {
        const shares = allShares(limit, needs);
        expect(shares.reduce((sum, share) => sum + share, 0) / limit).toBeCloseTo(1, 6);
        const largest = Math.max(...shares);
        for (const [at, share] of shares.entries()) {
          expect(share).toBeGreaterThan(0);
          const isShort = share < (needs[at] ?? 0) * (1 - 1e-9);
          if (isShort) expect(share / largest).toBeCloseTo(1, 6);
        }
      },
    ),
  );
});
