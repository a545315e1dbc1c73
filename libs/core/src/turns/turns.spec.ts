import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('work on one key runs one after the other, work on others does not wait', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.run('a', async () => {
    await gate.promise;
    order.push('first');
  });
  const second = turns.run('a', async () => void order.push('second'));
  await turns.run('b', async () => void order.push('other'));
  gate.resolve();
  await Promise.all([first, second]);
  expect(order).toEqual(['other', 'first', 'second']);
  expect(turns.size).toBe(0);
});

test('work that fails is reported to its caller alone', async () => {
  const turns = new Turns();
  const failing = turns.run('a', async () => Promise.reject(new Error('no')));
  const next = turns.run('a', async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});
