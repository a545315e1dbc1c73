import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pacer } from './pacer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('many wishes within an interval are one act, and the last one is not lost', () => {
  const acts: number[] = [];
  const pacer = new Pacer(200, () => acts.push(performance.now()));
  const startMs = performance.now();
  for (let ms = 0; ms < 1_000; ms += 10) {
    pacer.want();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1_000);
  expect(acts.map((ms) => ms - startMs)).toEqual([0, 200, 400, 600, 800, 1_000]);
});

test('a flush acts at once and takes the place of what was wanted', () => {
  const act = vi.fn<() => void>();
  const pacer = new Pacer(200, act);
  pacer.want();
  pacer.flush();
  vi.advanceTimersByTime(1_000);
  expect(act).toHaveBeenCalledTimes(1);
});

test('after a stop nothing more happens', () => {
  const act = vi.fn<() => void>();
  const pacer = new Pacer(200, act);
  pacer.want();
  pacer.stop();
  vi.advanceTimersByTime(1_000);
  expect(act).not.toHaveBeenCalled();
});
