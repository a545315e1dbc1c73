import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ReviewQueue } from './review-queue.ts';
import { systemClock as clock } from '../known/clock.ts';
import { Settling } from './settling.ts';

const trouble: string[] = [];
let overflows = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  trouble.length = 0;
  overflows = 0;
});

const queueFor = (review: (path: string) => Promise<void>, settling = new Settling(100)): ReviewQueue =>
  new ReviewQueue({
    reviews: { review },
    settling,
    clock,
    events: {
      push: (event) => {
        if (event.kind === 'hint-dropped') overflows++;
        if (event.kind === 'reviews-failing') trouble.push(String(event.error));
        if (event.kind === 'reviews-recovered') trouble.push('over');
      },
    },
  });

/** Lets all reviews run that can, without any time going by. */
const settled = () => vi.advanceTimersByTimeAsync(0);

test('at most 32 paths are in review, and each path once at a time', async () => {
  const running = new Map<string, () => void>();
  const reviewed: string[] = [];
  const queue = queueFor((path) => {
    expect(running.has(path)).toBe(false);
    reviewed.push(path);
    const { promise, resolve } = Promise.withResolvers<void>();
    running.set(path, resolve);
    return promise.finally(() => running.delete(path));
  });
  for (let n = 0; n < 100; n++) queue.hint(`file ${n % 50}`);
  expect(running.size).toBe(32);
  while (running.size > 0) {
    for (const end of running.values()) end();
    await settled();
    expect(running.size).toBeLessThanOrEqual(32);
  }
  expect(new Set(reviewed).size).toBe(50);
  expect(reviewed.length).toBe(50 + 32); // those in review at their second hint are reviewed again
  expect(queue.waiting).toBe(0);
});

test('a path that settles is reviewed again when its time has come', async () => {
  const settling = new Settling(100);
  let facts = 0;
  const queue = queueFor(async (path) => {
    if (settling.see(path, null, clock.steadyMs())) facts++;
  }, settling);
  queue.hint('file');
  await vi.advanceTimersByTimeAsync(98);
  expect([facts, queue.waiting]).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(4);
  expect([facts, queue.waiting]).toEqual([1, 0]);
});

test('when a review fails all pause for longer and longer, and nothing is lost', async () => {
  const attempts: number[] = [];
  const done = new Set<string>();
  let isAway = true;
  const queue = queueFor(async (path) => {
    if (path === 'file 0') attempts.push(Math.round(clock.steadyMs()));
    if (isAway) throw new Error('away');
    done.add(path);
  });
  const startMs = clock.steadyMs();
  for (let n = 0; n < 100; n++) queue.hint(`file ${n}`);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(attempts.length).toBeLessThanOrEqual(5);
  expect(queue.waiting).toBe(100);
  isAway = false;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(done.size).toBe(100);
  expect(trouble).toEqual(['Error: away', 'over']);
  expect((attempts[1] ?? 0) - startMs).toBeGreaterThanOrEqual(1_000);
});

test('a scan waits while too many paths are waiting, and a hint beyond the limit asks for a scan', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const queue = queueFor(() => promise);
  let considered = 0;
  const scanning = (async () => {
    for (let n = 0; n < 4_000; n++, considered++) await queue.consider(`file ${n}`);
  })();
  await settled();
  expect(considered).toBe(1_999); // 2,000, less the one that waits
  for (let n = 0; n < 20_000; n++) queue.hint(`hint ${n}`);
  expect([queue.waiting, overflows]).toEqual([20_000, 2_000]);
  resolve();
  await scanning;
  expect(considered).toBe(4_000);
});

test('stopping waits for the reviews that run, but not for ever', async () => {
  const queue = queueFor(() => new Promise<void>(() => {}));
  queue.hint('file');
  let isStopped = false;
  const stopping = queue.close().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(isStopped).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  await stopping;
  expect(isStopped).toBe(true);
});
