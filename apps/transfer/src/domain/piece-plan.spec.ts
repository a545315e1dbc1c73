import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PiecePlan } from './piece-plan.ts';

test('whatever comes and fails, every piece is taken until it is done, and never by two at once', () => {
  const outcomes = fc.array(fc.boolean(), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.uniqueArray(fc.nat(59)), outcomes, (count, there, successes) => {
      const onDisk = there.filter((index) => index < count);
      const plan = new PiecePlan(count, onDisk);
      const done = new Set(onDisk);
      const onTheWay: number[] = [];
      for (let step = 0; !plan.isComplete; step++) {
        const taken = plan.take();
        if (taken !== undefined) {
          expect(onTheWay).not.toContain(taken);
          expect(done).not.toContain(taken);
          onTheWay.push(taken);
        }
        if (taken !== undefined && onTheWay.length < 4) continue;
        const settled = onTheWay.shift() as number;
        // Beyond the given outcomes everything succeeds, so that it ends.
        if (successes[step] ?? true) {
          plan.finish(settled);
          done.add(settled);
        } else plan.putBack(settled);
      }
      expect(done.size).toBe(count);
    }),
  );
});

test('a piece that was given back is taken before a later one', () => {
  const plan = new PiecePlan(5);
  expect([plan.take(), plan.take(), plan.take()]).toEqual([0, 1, 2]);
  plan.putBack(2);
  plan.putBack(0);
  expect([plan.take(), plan.take(), plan.take()]).toEqual([0, 2, 3]);
});
