import { describe, expect, test } from 'vitest';
import { RequestDepth } from './request-depth.ts';

const MIB = 1_048_576;

/** A line of some bandwidth and delay that was full for two seconds, told as it would be received. */
function measured({ mebibytesPerSecond, roundTripMs }: { mebibytesPerSecond: number; roundTripMs: number }) {
  const line = new RequestDepth();
  line.answered(roundTripMs);
  for (let ms = 0; ms <= 2_000; ms += 10) line.received((mebibytesPerSecond * MIB) / 100, ms);
  return line;
}

describe('as many pieces are asked as fill the line', () => {
  test.each([
    { name: 'nothing known', line: new RequestDepth(), depth: 2 },
    { name: 'a slow line', line: measured({ mebibytesPerSecond: 0.5, roundTripMs: 100 }), depth: 2 },
    { name: 'a LAN', line: measured({ mebibytesPerSecond: 110, roundTripMs: 1 }), depth: 6 },
    { name: 'far away', line: measured({ mebibytesPerSecond: 48, roundTripMs: 200 }), depth: 13 },
    { name: 'very far and fast', line: measured({ mebibytesPerSecond: 500, roundTripMs: 500 }), depth: 24 },
  ])('$name: $depth', ({ line, depth }) => {
    expect(line.depth).toBe(depth);
  });

  test('the time in which nothing was asked does not count', () => {
    const line = measured({ mebibytesPerSecond: 48, roundTripMs: 200 });
    line.rests();
    line.received(0, 60_000);
    for (let ms = 60_000; ms <= 61_000; ms += 10) line.received(0.48 * MIB, ms);
    expect(line.depth).toBe(13);
  });

  test('the least round trip counts: others waited for something', () => {
    const line = measured({ mebibytesPerSecond: 48, roundTripMs: 200 });
    line.answered(5_000);
    expect(line.depth).toBe(13);
  });
});
