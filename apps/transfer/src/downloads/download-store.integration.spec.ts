// Real: the read model's SQLite file. The test gives the orders.
import { randomUUID } from 'node:crypto';
import type { Data, DownloadEnded, DownloadSteered } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { orderOfSteered } from '../domain/download-order.ts';
import { openTransferReadModel } from '../catalog/transfer-read-model.ts';
import { DownloadStore } from './download-store.ts';

let folder: TempFolder;
let model: ReadModel;
let store: DownloadStore;
beforeEach(async () => {
  folder = await tempFolder();
  model = openTransferReadModel(folder.path);
  store = new DownloadStore(model);
});
afterEach(async () => {
  model.close();
  await folder.remove();
});

/** Each download is of a document of its own. */
const documentOf = (id: string): string => `bafkrei-${id}`;

const added = (requestedAtMs = 1): string => {
  const id = randomUUID();
  store.add(id, documentOf(id), requestedAtMs);
  return id;
};

const steered = (id: string, steeredAtMs: number, change: Partial<Data<typeof DownloadSteered>> = {}) => ({
  ...{
    id,
    documentId: documentOf(id),
    isPaused: false,
    priority: 'normal' as const,
    frontAtMs: null,
    wantedAtMs: 1,
    steeredAtMs,
  },
  ...change,
});

const ended = (id: string, endedAtMs: number, outcome: Data<typeof DownloadEnded>['outcome']) => ({
  ...{ id, outcome, cause: null, reason: null, endedAtMs },
});

const steer = (...fact: Parameters<typeof steered>): void => store.apply(orderOfSteered(steered(...fact)));

let beats = 0;
const claimed = (replica: string, most: number): string[] =>
  store.claim(replica, ++beats, { most }).map(({ id }) => id);

describe('whose turn it is', () => {
  test('the oldest first; higher priorities, and those moved to the front, before them', () => {
    const [first, second, high, front] = [added(), added(), added(), added()];
    steer(high ?? '', 10, { priority: 'high' });
    steer(front ?? '', 11, { frontAtMs: 11 });
    expect(claimed('one', 3)).toEqual([high, front, first]);
    expect(claimed('one', 4)).toEqual([second]);
    expect(store.isAnyWaiting()).toBe(false);
  });

  test('no more are at work than the whole node may have, however many replicas ask', () => {
    for (let i = 0; i < 10; i++) added();
    expect(claimed('one', 3)).toHaveLength(3);
    expect(claimed('two', 3)).toEqual([]);
    expect(claimed('two', 5)).toHaveLength(2);
  });

  test('a replica that died loses its downloads to another, and notices it when it was only asleep', () => {
    const id = added();
    expect(claimed('one', 4)).toEqual([id]);
    expect([...store.heldBy('one')]).toEqual([[id, true]]);
    const seen = store.replicas().get('one') ?? Number.NaN;
    const alive = ++beats;
    store.beat('one', alive);
    store.dropReplica('one', seen); // it has shown life since
    expect(claimed('two', 4)).toEqual([]);
    store.dropReplica('one', alive);
    expect(claimed('two', 4)).toEqual([id]);
    expect([...store.heldBy('one')]).toEqual([]);
  });

  test('of two downloads of one document only one is at work', () => {
    const [first, second] = [randomUUID(), randomUUID()];
    for (const id of [first, second]) store.add(id, 'the same', 1);
    const other = added();
    expect(claimed('one', 3)).toEqual([first, other]);
    expect(claimed('two', 3)).toEqual([]);
    store.release(first, 'one', { state: 'queued', cause: 'no-source', reason: null, rests: true });
    expect(claimed('two', 3)).toEqual([second]);
  });

  test('when nothing new may begin, what was begun goes on', () => {
    const [, begun] = [added(), added()];
    const record = store.get(begun);
    if (record) store.saveProgress({ ...record, bytesDone: 5 });
    const next = store.claim('one', ++beats, { most: 5, onlyBegun: true });
    expect(next.map(({ id }) => id)).toEqual([begun]);
  });

  test('one that rests waits until its rest ends, or its replica has died', () => {
    const id = added();
    const rest = { state: 'paused', cause: 'disk', reason: 'The disk is full.', rests: true } as const;
    claimed('one', 1);
    store.release(id, 'one', rest);
    expect(store.get(id)).toMatchObject({ state: 'paused', cause: 'disk' });
    expect(claimed('two', 1)).toEqual([]);
    store.endRest(id, 'two'); // of another replica
    expect(claimed('two', 1)).toEqual([]);
    store.endRest(id, 'one');
    expect(claimed('two', 1)).toEqual([id]);
    expect(store.get(id)).toMatchObject({ state: 'active', cause: null, reason: null });
    store.release(id, 'two', rest);
    store.dropReplica('two', beats);
    expect(claimed('one', 1)).toEqual([id]);
  });

  test('one that rests takes no place at work', () => {
    const [first, second] = [added(), added()];
    claimed('one', 1);
    store.release(first, 'one', { state: 'queued', cause: 'no-source', reason: null, rests: true });
    expect(claimed('one', 1)).toEqual([second]);
  });

  test('a retry does not wait', () => {
    const id = added();
    claimed('one', 1);
    store.release(id, 'one', { state: 'queued', cause: 'no-source', reason: 'Nobody has it.', rests: true });
    steer(id, 1_000, { wantedAtMs: 1_000 });
    expect(claimed('one', 1)).toEqual([id]);
  });
});

describe('a command', () => {
  test('pauses at once, and the replica at work sees it', () => {
    const id = added();
    claimed('one', 1);
    steer(id, 10, { isPaused: true });
    expect(store.get(id)).toMatchObject({ state: 'paused', cause: 'user' });
    expect(store.heldBy('one').get(id)).toBe(false);
    store.release(id, 'one', { state: 'queued', cause: null, reason: null, rests: false });
    expect(store.get(id)).toMatchObject({ state: 'paused', cause: 'user' });
    expect(claimed('one', 1)).toEqual([]);
    steer(id, 20);
    expect(claimed('one', 1)).toEqual([id]);
  });

  test('of a download that ended is only remembered', () => {
    const id = added();
    store.end(ended(id, 50, 'completed'));
    steer(id, 60, { isPaused: true });
    expect(store.get(id)?.state).toBe('completed');
  });

  test('is stronger than an earlier end, and weaker than a later one', () => {
    const id = added();
    store.end(ended(id, 50, 'failed'));
    steer(id, 60, { wantedAtMs: 60 });
    expect(store.get(id)?.state).toBe('queued');
    store.end(ended(id, 55, 'failed'));
    expect(store.get(id)?.state).toBe('queued');
    store.end(ended(id, 70, 'cancelled'));
    expect(store.get(id)?.state).toBe('cancelled');
    store.end(ended(id, 80, 'forgotten'));
    expect(store.get(id)).toBeUndefined();
  });
});

test('the facts about a download give the same in whatever order, and however often, they come', () => {
  const id = randomUUID();
  const facts: (() => void)[] = [
    () => void store.add(id, documentOf(id), 1),
    () => steer(id, 10, { priority: 'high' }),
    () => store.end(ended(id, 20, 'failed')),
    () => steer(id, 30, { priority: 'high', wantedAtMs: 30 }),
    () => steer(id, 40, { priority: 'high', wantedAtMs: 30, isPaused: true }),
  ];
  const order = fc.array(fc.nat(facts.length - 1), { maxLength: 12 });
  fc.assert(
    fc.property(order, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (some, all) => {
      model.db.exec('DELETE FROM download');
      for (const at of [...some, ...all]) {
        store.add(id, documentOf(id), 1); // as the handler of every fact does
        facts[at]?.();
      }
      expect(store.get(id)).toMatchObject({ state: 'paused', cause: 'user', priority: 'high', requestedAtMs: 1 });
    }),
    { numRuns: 200 },
  );
});

test('ten thousand downloads are listed page by page, counted and claimed', () => {
  model.transaction(() => {
    for (let i = 0; i < 10_000; i++) added(i);
  });
  for (const { id } of store.claim('one', ++beats, { most: 5 })) store.end(ended(id, 1e6, 'failed'));
  const seen = new Set<string>();
  let cursor: number | undefined;
  do {
    const { items, nextCursor } = store.list('queued', cursor, 200);
    for (const { id } of items) seen.add(id);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen.size).toBe(9_995);
  expect(store.list('failed', undefined, 200).items).toHaveLength(5);
  expect(store.counts()).toMatchObject({ queued: 9_995, failed: 5, active: 0 });
});
