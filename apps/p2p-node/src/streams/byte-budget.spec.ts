import { expect, test } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

test('when the total is exceeded, the holder with most bytes is returned, until it has released them', () => {
  const budget = new ByteBudget<string>(100);
  expect([budget.set('a', 40), budget.set('b', 50), budget.set('a', 50)]).toEqual([undefined, undefined, undefined]);
  expect(budget.set('c', 10)).toBe('a');
  expect(budget.set('a', 0)).toBeUndefined();
  expect(budget.set('b', 90)).toBeUndefined();
  expect(budget.set('b', 91)).toBe('b');
});
