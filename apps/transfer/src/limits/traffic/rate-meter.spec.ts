import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

test('a steady flow has its rate, and an ended one is forgotten after five seconds', () => {
  const meter = new RateMeter();
  for (let ms = 0; ms < 10_000; ms += 100) meter.add(50, ms);
  expect(meter.bytesPerSecond(9_999)).toBe(500);
  expect(meter.bytesPerSecond(12_999)).toBe(200);
  expect(meter.bytesPerSecond(15_000)).toBe(0);
});
