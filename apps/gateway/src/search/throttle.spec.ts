import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Throttle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('many requests within an interval are one run, and the last one is not lost', () => {
  const acts: number[] = [];
  const throttle = new Throttle(200, () => acts.push(performance.now()));
  const startMs = performance.now();
  for (let ms = 0; ms < 1_000; ms += 10) {
    throttle.request();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1_000);
  expect(acts.map((ms) => ms - startMs)).toEqual([0, 200, 400, 600, 800, 1_000]);
});

test('a flush runs at once and replaces the requested run', () => {
  const act = vi.fn<() => void>();
  const throttle = new Throttle(200, act);
  throttle.request();
  throttle.flush();
  vi.advanceTimersByTime(1_000);
  expect(act).toHaveBeenCalledTimes(1);
});

test('nothing runs after a cancel', () => {
  const act = vi.fn<() => void>();
  const throttle = new Throttle(200, act);
  throttle.request();
  throttle.cancel();
  vi.advanceTimersByTime(1_000);
  expect(act).not.toHaveBeenCalled();
});
