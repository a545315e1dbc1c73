import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Condition } from './condition.ts';

let condition: Condition;
let over: string[];
const closing = new AbortController();
beforeEach(() => {
  vi.useFakeTimers();
  condition = new Condition();
  over = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (name: string, signal = closing.signal): Promise<void> =>
  condition.wait(1_000, signal).then(() => void over.push(name));

test('a notification wakes all that wait, and leaves no timer', async () => {
  const waits = [wait('a'), wait('b')];
  await vi.advanceTimersByTimeAsync(999);
  expect(over).toEqual([]);
  condition.notify();
  await Promise.all(waits);
  expect(over).toEqual(['a', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a notification that nobody waited for ends the next wait alone', async () => {
  condition.notify();
  condition.notify();
  await wait('first');
  const second = wait('second');
  await vi.advanceTimersByTimeAsync(999);
  expect(over).toEqual(['first']);
  await vi.advanceTimersByTimeAsync(1);
  await second;
});

test('an abort ends a wait at once, and leaves no timer', async () => {
  const aborting = new AbortController();
  const waiting = wait('a', aborting.signal);
  aborting.abort();
  await waiting;
  await wait('b', aborting.signal);
  expect(over).toEqual(['a', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});
