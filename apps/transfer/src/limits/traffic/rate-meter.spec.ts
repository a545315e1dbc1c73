import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

test('a steady flow has its rate, and an ended one is forgotten after two seconds', () => {
  const meter = new RateMeter();
  for (let ms = 0; ms < 10_000; ms += 50) meter.add(50, ms);
  expect(meter.bytesPerSecond(9_999)).toBe(1_000);
  expect(meter.bytesPerSecond(10_999)).toBe(500);
  expect(meter.bytesPerSecond(12_000)).toBe(0);
});

test('a flow that begins or changes shows its new rate within two seconds', () => {
  const meter = new RateMeter();
  for (let ms = 60_000; ms < 62_000; ms += 50) meter.add(500, ms);
  expect(meter.bytesPerSecond(61_999)).toBe(10_000);
  for (let ms = 62_000; ms < 64_000; ms += 50) meter.add(100, ms);
  expect(meter.bytesPerSecond(63_999)).toBe(2_000);
});
