import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RepeatedComparison } from './repeated-comparison.ts';

const HOUR_MS = 3_600_000;

let waiting: () => Promise<number | null>;
let results: (boolean | Error)[];
let compared: number;
let failures: unknown[];
let ended: string[];
let reportGap: () => void;
let reportOpened: () => void;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  waiting = async () => 0;
  results = [];
  compared = 0;
  failures = [];
  ended = [];
  reportGap = () => {};
  reportOpened = () => {};
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
  vi.useRealTimers();
});

async function* opened(signal: AbortSignal): AsyncGenerator<object> {
  for (;;) {
    const next = Promise.withResolvers<void>();
    reportOpened = next.resolve;
    signal.addEventListener('abort', () => next.resolve(), { once: true });
    await next.promise;
    if (signal.aborted) return;
    yield {};
  }
}

async function start(): Promise<void> {
  const comparison = new RepeatedComparison({
    bus: {
      onGap: (listener) => {
        reportGap = listener;
        return () => {};
      },
    },
    ownerOpened: opened,
    compare: async () => {
      compared += 1;
      const result = results.shift() ?? true;
      if (result instanceof Error) throw result;
      return result;
    },
    countWaiting: () => waiting(),
    onEnd: (result) => void ended.push(result),
    onFailure: (error) => void failures.push(error),
    pause: (waitMs, signal) =>
      new Promise<void>((resolve, reject) => {
        setTimeout(resolve, waitMs);
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        if (signal.aborted) reject(new Error('aborted'));
      }),
  });
  running = comparison.repeat(stop.signal);
  await vi.advanceTimersByTimeAsync(0);
}

test('it compares at once, and each day', async () => {
  await start();
  expect(compared).toBe(1);
  await vi.advanceTimersByTimeAsync(23 * HOUR_MS);
  expect(compared).toBe(1);
  await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
  expect(compared).toBe(2);
});

test('it compares when facts may have been lost, and when its owner was opened', async () => {
  await start();
  reportGap();
  await vi.advanceTimersByTimeAsync(0);
  expect(compared).toBe(2);
  reportOpened();
  await vi.advanceTimersByTimeAsync(0);
  expect(compared).toBe(3);
});

test('a gap during a comparison is followed by another one', async () => {
  let end = () => {};
  waiting = () => new Promise((resolve) => (end = () => resolve(0)));
  await start();
  reportGap();
  end();
  await vi.advanceTimersByTimeAsync(0);
  end();
  await vi.advanceTimersByTimeAsync(0);
  expect(compared).toBe(2);
});

test('it waits for an owner that does not answer, and while many facts are on their way', async () => {
  waiting = async () => Promise.reject(new Error('nobody'));
  await start();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  waiting = async () => 5_000;
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(compared).toBe(0);
  waiting = async () => 0;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(compared).toBe(1);
});

test('a few facts that are retried for minutes hold it up for seconds only', async () => {
  waiting = async () => 3;
  await start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(compared).toBe(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(compared).toBe(1);
});

test('what failed or was not complete is tried again, later each time, until it succeeds', async () => {
  results = [new Error('no'), false, true];
  await start();
  expect(compared).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(compared).toBe(2);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(compared).toBe(2);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(compared).toBe(3);
  expect(failures).toHaveLength(1);
  expect(ended).toEqual(['failed', 'incomplete', 'complete']);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(compared).toBe(3);
});

test('it ends with its signal, also while it waits', async () => {
  waiting = async () => null;
  await start();
  stop.abort();
  await expect(running).resolves.toBeUndefined();
});
