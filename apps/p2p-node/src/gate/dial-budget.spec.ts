import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DialBudget } from './dial-budget.ts';

const RATES = { perHost: { burst: 3, perMinute: 2 }, inTotal: { burst: 10, perMinute: 6 } };

test('whatever addresses are told, neither one host nor all together are dialled more than the rates say', () => {
  const dials = fc.array(fc.record({ host: fc.constantFrom('a', 'b', 'c', 'd'), afterMs: fc.nat(5_000) }));
  fc.assert(
    fc.property(dials, (wanted) => {
      const budget = new DialBudget(RATES);
      const dialled = new Map<string, number>();
      let nowMs = 0;
      for (const { host, afterMs } of wanted) {
        nowMs += afterMs;
        if (budget.take(host, nowMs)) dialled.set(host, (dialled.get(host) ?? 0) + 1);
      }
      const minutes = nowMs / 60_000;
      for (const count of dialled.values()) expect(count).toBeLessThanOrEqual(3 + 2 * minutes + 1e-6);
      const total = [...dialled.values()].reduce((sum, count) => sum + count, 0);
      expect(total).toBeLessThanOrEqual(10 + 6 * minutes + 1e-6);
    }),
  );
});
