import { expect, test } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

test('when all hold too much together, the one with most is named, until it has let go', () => {
  const budget = new ByteBudget<string>(100);
  expect([budget.set('a', 40), budget.set('b', 50), budget.set('a', 50)]).toEqual([undefined, undefined, undefined]);
  expect(budget.set('c', 10)).toBe('a');
  expect(budget.set('a', 0)).toBeUndefined();
  expect(budget.total).toBe(60);
  expect(budget.set('b', 91)).toBe('b');
});
