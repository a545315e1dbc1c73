import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RECORD_LIFE_MS, RENEW_EVERY_MS, renewAtMs } from './record-life.ts';

const place = fc.uint8Array({ minLength: 32, maxLength: 32 });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });

test('a record is renewed well before it ends, and not at once', () => {
  fc.assert(
    fc.property(place, time, (each, nowMs) => {
      const waitMs = renewAtMs(each, nowMs) - nowMs;
      expect(waitMs).toBeGreaterThanOrEqual(3_600_000);
      expect(waitMs).toBeLessThan(RECORD_LIFE_MS / 2);
    }),
  );
});

test('each following renewal comes one round later', () => {
  fc.assert(
    fc.property(place, time, (each, nowMs) => {
      const first = renewAtMs(each, nowMs);
      expect(renewAtMs(each, first) - first).toBe(RENEW_EVERY_MS);
    }),
  );
});

test('what was announced all at once is renewed evenly over the round', () => {
  const hours = Array.from({ length: 23 }, () => 0);
  for (let head = 0; head < 22_000; head++) {
    const each = new Uint8Array(32);
    new DataView(each.buffer).setUint32(0, Math.floor((head / 22_000) * 2 ** 32));
    const hour = Math.floor((renewAtMs(each, 123_456_789_000) - 123_456_789_000) / 3_600_000);
    hours[hour] = (hours[hour] ?? 0) + 1;
  }
  const busy = hours.filter((count) => count > 0);
  expect(busy.length).toBeGreaterThanOrEqual(22);
  expect(Math.max(...busy)).toBeLessThanOrEqual(1_001);
});
