import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FairTurns } from './fair-turns.ts';

const STANDING_CLOCK = { now: () => 0, wait: () => setImmediate() };

test('a key with a flood of work delays another key by one turn', async () => {
  const turns = new FairTurns({ share: 1, burstMs: 1_000 }, STANDING_CLOCK);
  const done: string[] = [];
  const greedy = Array.from({ length: 100 }, () => turns.run('greedy', () => done.push('greedy')));
  await turns.run('modest', () => done.push('modest'));
  expect(done.length).toBeLessThanOrEqual(3);
  await Promise.all(greedy);
  expect(done).toHaveLength(101);
});

test('when the work has used its share of the time, the next piece waits', async () => {
  let nowMs = 0;
  const turns = new FairTurns({ share: 0.5, burstMs: 10 }, { now: () => nowMs, wait: () => setImmediate() });
  const done: number[] = [];
  const runs = [1, 2, 3].map((n) =>
    turns.run('a', () => {
      done.push(n);
      nowMs += 10;
    }),
  );
  await runs[0];
  await runs[1]; // 10 ms of work gave 5 ms of credit
  await setImmediate();
  expect(done).toEqual([1, 2]);
  nowMs += 20;
  await runs[2];
  expect(done).toEqual([1, 2, 3]);
});

test('failing work rejects for its own caller only', async () => {
  const turns = new FairTurns({ share: 1, burstMs: 1_000 }, STANDING_CLOCK);
  const failing = turns.run('a', () => Promise.reject(new Error('it failed')));
  const other = turns.run('b', () => 'done');
  await expect(failing).rejects.toThrow('it failed');
  expect(await other).toBe('done');
});
