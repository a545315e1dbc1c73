import { expect, test } from 'vitest';
import { fitIntoMessage } from './fit-into-message.ts';

const item = 'x'.repeat(99_998); // 100,000 bytes as JSON

test.each([
  [[], 0],
  [['small', 'small'], 2],
  [Array.from({ length: 4 }, () => item), 4],
  [Array.from({ length: 5 }, () => item), 4],
  [['x'.repeat(500_000), 'small'], 1],
])('as many items as one message holds, at least one', (items, expected) => {
  expect(fitIntoMessage(items)).toEqual(items.slice(0, expected));
});
