import { expect, test } from 'vitest';
import { isDeeperThan } from './body-depth.ts';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

test.each([
  ['text', false],
  [null, false],
  [[], false],
  [{ a: { b: [1] } }, false],
  [{ a: { b: [[]] } }, true],
  [nested(3), false],
  [nested(4), true],
  [nested(30_000), true],
])('%# is deeper than three levels or not', (body, expected) => {
  expect(isDeeperThan(3, body)).toBe(expected);
});
