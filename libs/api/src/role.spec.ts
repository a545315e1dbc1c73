import { expect, test } from 'vitest';
import { Role, permits } from './role.ts';

test('each role includes those before it', () => {
  const table = Role.options.map((held) => Role.options.map((required) => permits(held, required)));
  expect(table).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});
