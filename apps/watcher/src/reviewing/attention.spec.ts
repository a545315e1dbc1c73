import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Attention } from './attention.ts';
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

const attentionTo = (review: (path: string) => Promise<void>, settling = new Settling(100)): Attention =>
  new Attention({
    settling,
    review,
    clock,
    onOverflow: () => overflows++,
    onTrouble: (error) => trouble.push(String(error)),
    onRecovery: () => trouble.push('over'),
  });

/** Lets all reviews run that can, without any time going by. */
const settled = () => vi.advanceTimersByTimeAsync(0);

test('at most 32 paths are in review, and each path once at a time', async () => {
  const running = new Map<string, () => void>();
  const reviewed: string[] = [];
  const attention = attentionTo((path) => {
    expect(running.has(path)).toBe(false);
    reviewed.push(path);
    const { promise, resolve } = Promise.withResolvers<void>();
    running.set(path, resolve);
    return promise.finally(() => running.delete(path));
  });
  for (let n = 0; n < 100; n++) attention.hint(`file ${n % 50}`);
  expect(running.size).toBe(32);
  while (running.size > 0) {
    for (const end of running.values()) end();
    await settled();
    expect(running.size).toBeLessThanOrEqual(32);
  }
  expect(new Set(reviewed).size).toBe(50);
  expect(reviewed.length).toBe(50 + 32); // those in review at their second hint are reviewed again
  expect(attention.waiting).toBe(0);
});

test('a path that settles is reviewed again when its time has come', async () => {
  const settling = new Settling(100);
  let facts = 0;
  const attention = attentionTo(async (path) => {
    if (settling.see(path, null, clock.steadyMs())) facts++;
  }, settling);
  attention.hint('file');
  await vi.advanceTimersByTimeAsync(98);
  expect([facts, attention.waiting]).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(4);
  expect([facts, attention.waiting]).toEqual([1, 0]);
});

test('when a review fails all pause for longer and longer, and nothing is lost', async () => {
  const attempts: number[] = [];
  const done = new Set<string>();
  let isAway = true;
  const attention = attentionTo(async (path) => {
    if (path === 'file 0') attempts.push(Math.round(clock.steadyMs()));
    if (isAway) throw new Error('away');
    done.add(path);
  });
  const startMs = clock.steadyMs();
  for (let n = 0; n < 100; n++) attention.hint(`file ${n}`);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(attempts.length).toBeLessThanOrEqual(5);
  expect(attention.waiting).toBe(100);
  isAway = false;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(done.size).toBe(100);
  expect(trouble).toEqual(['Error: away', 'over']);
  expect((attempts[1] ?? 0) - startMs).toBeGreaterThanOrEqual(1_000);
});

test('a scan waits while too many paths are waiting, and a hint beyond the limit asks for a scan', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const attention = attentionTo(() => promise);
  let considered = 0;
  const scanning = (async () => {
    for (let n = 0; n < 4_000; n++, considered++) await attention.consider(`file ${n}`);
  })();
  await settled();
  expect(considered).toBe(1_999); // 2,000, less the one that waits
  for (let n = 0; n < 20_000; n++) attention.hint(`hint ${n}`);
  expect([attention.waiting, overflows]).toEqual([20_000, 2_000]);
  resolve();
  await scanning;
  expect(considered).toBe(4_000);
});

test('stopping waits for the reviews that run, but not for ever', async () => {
  const attention = attentionTo(() => new Promise<void>(() => {}));
  attention.hint('file');
  let isStopped = false;
  const stopping = attention.stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(isStopped).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  await stopping;
  expect(isStopped).toBe(true);
});
