import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairAdmission } from './fair-admission.ts';

const LIMITS = { perHolder: 3, perSubnet: 5, inTotal: 8 };

/** Admits things in order. An origin is written as subnet and holder: `a1`; the n-th thing is number n. */
function admitAll(admissions: FairAdmission<number>, origins: readonly string[], from = 0) {
  return origins.map((origin, n) => admissions.admit(from + n, { subnet: origin.charAt(0), holder: origin }));
}

test('a holder at its limit is refused until one of its things is released', () => {
  const admissions = new FairAdmission<number>(LIMITS);
  expect(admitAll(admissions, ['a1', 'a1', 'a1', 'a1']).map(({ isAdmitted }) => isAdmitted)).toEqual([
    true,
    true,
    true,
    false,
  ]);
  admissions.release(1);
  admissions.release(1);
  expect(admitAll(admissions, ['a1'], 4)).toEqual([{ isAdmitted: true }]);
});

test('in a full subnet the oldest thing of the fullest holder is evicted; a holder that has most itself is refused', () => {
  const admissions = new FairAdmission<number>(LIMITS);
  admitAll(admissions, ['a1', 'a2', 'a2', 'a2', 'a3']);
  const [admitted] = admitAll(admissions, ['a4'], 5);
  expect(admitted).toEqual({ isAdmitted: true, evicted: 1, excess: 'of-subnet' });
  expect(admitAll(admissions, ['a2'], 6)).toEqual([{ isAdmitted: false, excess: 'of-subnet' }]);
});

test('when the total is full, a newcomer replaces the oldest thing of the fullest subnet', () => {
  const admissions = new FairAdmission<number>(LIMITS);
  admitAll(admissions, ['b1', 'a1', 'a2', 'a3', 'a4', 'a5', 'b2', 'c1']);
  expect(admitAll(admissions, ['d1'], 8)).toEqual([{ isAdmitted: true, evicted: 1, excess: 'in-total' }]);
  expect(admissions.size).toBe(LIMITS.inTotal);
});

test('admitNewest replaces the oldest thing of a holder that is at its limit', () => {
  const admissions = new FairAdmission<number>(LIMITS);
  admitAll(admissions, ['a1', 'a1', 'a1']);
  const origin = { subnet: 'a', holder: 'a1' };
  expect(admissions.admitNewest(3, origin)).toEqual({ isAdmitted: true, evicted: 0, excess: 'of-holder' });
});

test('whatever is admitted and released, no limit is exceeded, and a holder without a thing is always admitted', () => {
  const step = fc.record({ holder: fc.nat(15), isRelease: fc.boolean(), released: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const admissions = new FairAdmission<number>(LIMITS);
      const held = new Map<number, { subnet: string; holder: string }>();
      const countOf = (key: 'subnet' | 'holder', value: string) =>
        [...held.values()].filter((origin) => origin[key] === value).length;
      for (const [number, { holder, isRelease, released }] of steps.entries()) {
        if (isRelease) {
          admissions.release(released);
          held.delete(released);
          continue;
        }
        const origin = { subnet: String(holder % 4), holder: String(holder) };
        const hadNone = countOf('holder', origin.holder) === 0;
        const admission = admissions.admit(number, origin);
        if (hadNone) expect(admission.isAdmitted).toBe(true);
        if ('evicted' in admission) expect(held.delete(admission.evicted)).toBe(true);
        if (admission.isAdmitted) held.set(number, origin);
        expect(admissions.size).toBe(held.size);
        expect(held.size).toBeLessThanOrEqual(LIMITS.inTotal);
        expect(countOf('subnet', origin.subnet)).toBeLessThanOrEqual(LIMITS.perSubnet);
        expect(countOf('holder', origin.holder)).toBeLessThanOrEqual(LIMITS.perHolder);
      }
    }),
  );
});
