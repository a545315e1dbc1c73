import { expect, test } from 'vitest';
import { BackPressure } from './back-pressure.ts';

test('a burst waits while transfer has enough to do, and goes on when it has not', async () => {
  let backlog = 0;
  let most = 0;
  let pauses = 0;
  const backPressure = new BackPressure(
    async () => backlog,
    async () => {
      pauses += 1;
      backlog = Math.max(0, backlog - 100);
    },
  );
  for (let n = 0; n < 10_000; n++) {
    await backPressure.turn();
    backlog += 1;
    most = Math.max(most, backlog);
  }
  expect(most).toBeLessThanOrEqual(1_251);
  expect(pauses).toBeGreaterThan(80);
});

test('publishers side by side wait for the same look', async () => {
  let looks = 0;
  const backPressure = new BackPressure(
    async () => (looks++, null),
    async () => {},
  );
  for (let n = 0; n < 249; n++) await backPressure.turn();
  await Promise.all([backPressure.turn(), backPressure.turn(), backPressure.turn()]);
  expect(looks).toBe(1);
});

test('without a transfer that ever asked, nothing waits; a stop ends the wait', async () => {
  const stopped = async () => Promise.reject(new Error('stopped'));
  const run = async (backlog: number | null) => {
    const backPressure = new BackPressure(async () => backlog, stopped);
    for (let n = 0; n < 1_000; n++) await backPressure.turn();
    return 'all';
  };
  expect(await run(null)).toBe('all');
  await expect(run(1_000_000)).rejects.toThrow('stopped');
});
