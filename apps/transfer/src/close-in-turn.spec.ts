import { expect, test } from 'vitest';
import { closeInTurn } from './close-in-turn.ts';

test('a part that fails and one that hangs keep no other open; both are reported', async () => {
  const closed: string[] = [];
  const part = (name: string) => ({ close: () => void closed.push(name) });
  const failing = { close: () => Promise.reject(new Error('the disk is away')) };
  const throwing = {
    close: () => {
      throw new Error('it was never open');
    },
  };
  const hanging = { close: () => new Promise<void>(() => {}) };
  const closing = closeInTurn([[part('queue'), failing], [throwing, part('sessions')], [hanging], [part('store')]], 20);
  await expect(closing).rejects.toThrow(/3 parts.*the disk is away.*never open.*did not close within 20 ms/);
  expect(closed).toEqual(['queue', 'sessions', 'store']);
});
