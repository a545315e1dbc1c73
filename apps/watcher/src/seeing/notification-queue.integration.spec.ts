// Real: the event loop.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { NotificationQueue } from './notification-queue.ts';

test('as many notifications in one turn as the limit are an overflow, once', async () => {
  const queue = new NotificationQueue(3);
  let overflows = 0;
  const remove = queue.onOverflow(() => (overflows += 1));
  for (let n = 0; n < 2; n++) queue.count();
  await nextTurn();
  for (let n = 0; n < 2; n++) queue.count();
  expect(overflows).toBe(0);
  for (let n = 0; n < 5; n++) queue.count();
  expect(overflows).toBe(1);
  await nextTurn();
  remove();
  for (let n = 0; n < 3; n++) queue.count();
  expect(overflows).toBe(1);
});
