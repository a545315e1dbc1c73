import { expect, test } from 'vitest';
import { restartDelayMs, youngDeaths } from './back-off.ts';

test('who dies again and again waits longer, up to ten seconds', () => {
  let deaths = 0;
  const delays = Array.from({ length: 8 }, () => {
    deaths = youngDeaths(deaths, 100);
    return restartDelayMs(deaths);
  });
  expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
});

test('a steady life makes the waits short again', () => {
  expect(restartDelayMs(youngDeaths(7, 30_000))).toBe(200);
});
