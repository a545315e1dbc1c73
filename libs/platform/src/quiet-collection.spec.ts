import { expect, test } from 'vitest';
import { QuietCollection } from './quiet-collection.ts';

const MIB = 1_048_576;
const INTERVAL_MS = 15_000;

/** A process that keeps 20 MiB. */
function start() {
  const state = { cpuMs: 0, heapBytes: 40 * MIB, collections: 0 };
  const collection = new QuietCollection({
    cpuMs: () => state.cpuMs,
    heapBytes: () => state.heapBytes,
    collect: () => {
      state.collections++;
      state.heapBytes = 20 * MIB;
    },
  });
  const interval = (cpuMs: number, grownMiB: number): number => {
    state.cpuMs += cpuMs;
    state.heapBytes += grownMiB * MIB;
    collection.check(INTERVAL_MS);
    return state.collections;
  };
  return interval;
}

test('the garbage of the start is collected once', () => {
  const interval = start();
  expect([interval(100, 0), interval(100, 0), interval(100, 0)]).toEqual([1, 1, 1]);
});

test('a busy process is not interrupted, and collected when it is quiet again', () => {
  const interval = start();
  expect([interval(5_000, 50), interval(800, 50), interval(700, 0)]).toEqual([0, 0, 1]);
});

test('garbage that accumulates slowly is collected when there is enough of it', () => {
  const interval = start();
  interval(100, 0);
  expect([interval(100, 3), interval(100, 3), interval(100, 3)]).toEqual([1, 1, 2]);
});
