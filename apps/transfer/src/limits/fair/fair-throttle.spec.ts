// A clock that the test moves, and Vitest's timers: the throttle itself is real.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Flow } from './throttle.ts';
import { FairThrottle } from './fair-throttle.ts';

const KIB = 1_024;
const never = new AbortController().signal;
const flow: Flow = { peerId: 'peer', documentId: 'document' };

let throttle: FairThrottle;
beforeEach(() => {
  vi.useFakeTimers();
  throttle = new FairThrottle(() => Date.now());
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a wait is over by now. */
const isOver = async (wait: Promise<unknown>): Promise<boolean> => {
  await vi.advanceTimersByTimeAsync(0);
  return Promise.race([wait.then(() => true), Promise.resolve().then(() => false)]);
};

test('without a limit nothing waits', async () => {
  await throttle.admit('received', 1e9, flow, never);
  expect(throttle.waitingBytes('received')).toBe(0);
});

test('a limit lets bytes wait, and the end of the limit lets them go', async () => {
  throttle.allow('received', { bytesPerSecond: 64 * KIB, budget: 'none' });
  await vi.advanceTimersByTimeAsync(1_000);
  await throttle.admit('received', 640 * KIB, flow, never);
  const second = throttle.admit('received', 64 * KIB, flow, never);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(await isOver(second)).toBe(false);
  throttle.allow('received', { bytesPerSecond: null, budget: 'none' });
  expect(await isOver(second)).toBe(true);
});

test('what waits goes on by itself when its time has come', async () => {
  throttle.allow('received', { bytesPerSecond: 64 * KIB, budget: 'none' });
  await vi.advanceTimersByTimeAsync(1_000);
  await throttle.admit('received', 128 * KIB, flow, never);
  const second = throttle.admit('received', 64 * KIB, flow, never);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(await isOver(second)).toBe(true);
});

test('who leaves does not hold up the others', async () => {
  throttle.allow('sent', { bytesPerSecond: 64 * KIB, budget: 'none' });
  await vi.advanceTimersByTimeAsync(1_000);
  await throttle.admit('sent', 20 * KIB, flow, never);
  const leaving = new AbortController();
  const large = throttle.admit('sent', 1e9, flow, leaving.signal);
  const small = throttle.admit('sent', KIB, flow, never);
  leaving.abort(new Error('the peer is gone'));
  await expect(large).rejects.toThrow('the peer is gone');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await isOver(small)).toBe(true);
  expect(throttle.waitingBytes('sent')).toBe(0);
});

describe('a spent budget', () => {
  const other: Flow = { peerId: 'other peer', documentId: 'document' };

  test('refuses peers whose flow is not under way, then all', async () => {
    await throttle.admit('sent', 1, flow, never);
    throttle.allow('sent', { bytesPerSecond: null, budget: 'soft-stop' });
    await throttle.admit('sent', 1, flow, never);
    await expect(throttle.admit('sent', 1, other, never)).rejects.toThrow(/budget/);
    throttle.allow('sent', { bytesPerSecond: 64 * KIB, budget: 'within' });
    await vi.advanceTimersByTimeAsync(1_000);
    await throttle.admit('sent', 640 * KIB, flow, never);
    const waiting = throttle.admit('sent', 1, flow, never);
    throttle.allow('sent', { bytesPerSecond: 0, budget: 'hard-stop' });
    await expect(waiting).rejects.toThrow(/budget/);
    await expect(throttle.admit('sent', 1, flow, never)).rejects.toThrow(/budget/);
  });

  test('lets downloads wait until there is a new one', async () => {
    throttle.allow('received', { bytesPerSecond: 0, budget: 'hard-stop' });
    const waiting = throttle.admit('received', 1, flow, never);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await isOver(waiting)).toBe(false);
    throttle.allow('received', { bytesPerSecond: null, budget: 'within' });
    expect(await isOver(waiting)).toBe(true);
  });
});
