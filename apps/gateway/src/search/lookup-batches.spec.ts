import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { COLLECT_MS, LookupBatches, MAX_BATCH } from './lookup-batches.ts';

let lookups: string[][];
let batches: LookupBatches;
beforeEach(() => {
  vi.useFakeTimers();
  lookups = [];
  batches = new LookupBatches(async (documentIds) => void lookups.push(documentIds));
});
afterEach(() => void vi.useRealTimers());

const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `id-${from + index}`);

test('25 peers that answer together cost one request for each 500 documents, not one for each hit', async () => {
  for (let peer = 0; peer < 25; peer += 1) batches.add(ids(100, peer * 100));
  await batches.finish();
  expect(lookups.map(({ length }) => length)).toEqual([500, 500, 500, 500, 500]);
  expect(new Set(lookups.flat()).size).toBe(2_500);
});

test('peers that name the same documents cost one request', async () => {
  for (let peer = 0; peer < 25; peer += 1) batches.add(ids(100));
  await batches.finish();
  expect(lookups).toEqual([ids(100)]);
});

test('a peer that answers later costs another one, for its new documents alone', async () => {
  batches.add(ids(2));
  vi.advanceTimersByTime(COLLECT_MS - 1);
  batches.add(ids(3));
  expect(lookups).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(lookups).toEqual([ids(3)]);
  batches.add(ids(5));
  await batches.finish();
  batches.add(ids(5));
  await batches.finish();
  expect(lookups).toEqual([ids(3), ids(2, 3)]);
});

test.each([0, 1, MAX_BATCH - 1, MAX_BATCH, MAX_BATCH + 1])('%i documents', async (count) => {
  batches.add(ids(count));
  await batches.finish();
  expect(lookups.length).toBe(Math.ceil(count / MAX_BATCH));
  expect(lookups.flat()).toEqual(ids(count));
});

test('finish waits for the lookups', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = new LookupBatches(() => promise);
  slow.add(ids(1));
  let isFinished = false;
  const finished = slow.finish().then(() => (isFinished = true));
  await vi.advanceTimersByTimeAsync(10);
  expect(isFinished).toBe(false);
  resolve();
  await finished;
});
