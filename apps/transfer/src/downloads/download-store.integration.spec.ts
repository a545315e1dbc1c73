// Real: the read model's SQLite file. The test gives the orders.
import { randomUUID } from 'node:crypto';
import type { Data, DownloadEnded, DownloadSteered } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { orderOfSteered } from './orders/download-order.ts';
import { openTransferReadModel } from '../catalog/transfer-read-model.ts';
import { type DownloadEvent, isAtWork } from './download-state.ts';
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

const end = (id: string, endedAtMs: number, outcome: Data<typeof DownloadEnded>['outcome']): void =>
  store.end(id, { outcome, cause: null, reason: null, endedAtMs });

const steer = (...fact: Parameters<typeof steered>): void => store.apply(orderOfSteered(steered(...fact)));

let beats = 0;
const claimed = (replica: string, most: number): string[] =>
  store.claim(replica, ++beats, { most }).map(({ id }) => id);

/** The downloads whose leases a replica holds, each with whether it should be at work. */
const leased = (replica: string) => [...store.leasedBy(replica)].map(([id, { state }]) => [id, isAtWork(state)]);

const withoutSource: DownloadEvent = { kind: 'yielded', shortage: { of: 'sources', reason: 'Nobody has it.' } };
const RESTS = { rests: true };

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
    expect(leased('one')).toEqual([[id, true]]);
    const seen = store.replicas().get('one') ?? Number.NaN;
    const alive = ++beats;
    store.beat('one', alive);
    store.dropReplica('one', seen); // it has shown life since
    expect(claimed('two', 4)).toEqual([]);
    store.dropReplica('one', alive);
    expect(claimed('two', 4)).toEqual([id]);
    expect(leased('one')).toEqual([]);
  });

  test('of two downloads of one document only one is at work', () => {
    const [first, second] = [randomUUID(), randomUUID()];
    for (const id of [first, second]) store.add(id, 'the same', 1);
    const other = added();
    expect(claimed('one', 3)).toEqual([first, other]);
    expect(claimed('two', 3)).toEqual([]);
    store.giveBack(first, 'one', withoutSource, RESTS);
    expect(claimed('two', 3)).toEqual([second]);
  });

  test('when nothing new may begin, what was begun goes on', () => {
    const [, begun] = [added(), added()];
    const record = store.get(begun);
    if (record) store.saveProgress(begun, { ...record, bytesDone: 5 });
    const next = store.claim('one', ++beats, { most: 5, onlyBegun: true });
    expect(next.map(({ id }) => id)).toEqual([begun]);
  });

  test('one that rests waits until its rest ends, or its replica has died', () => {
    const id = added();
    const full: DownloadEvent = { kind: 'obstructed', cause: 'disk', reason: 'The disk is full.' };
    claimed('one', 1);
    store.giveBack(id, 'one', full, RESTS);
    expect(store.get(id)?.state).toEqual({ kind: 'paused', cause: 'disk', reason: 'The disk is full.' });
    expect(claimed('two', 1)).toEqual([]);
    store.endRest(id, 'two'); // of another replica
    expect(claimed('two', 1)).toEqual([]);
    store.endRest(id, 'one');
    expect(claimed('two', 1)).toEqual([id]);
    expect(store.get(id)?.state.kind).toBe('finding sources');
    store.giveBack(id, 'two', full, RESTS);
    store.dropReplica('two', beats);
    expect(claimed('one', 1)).toEqual([id]);
  });

  test('one that rests takes no place at work', () => {
    const [first, second] = [added(), added()];
    claimed('one', 1);
    store.giveBack(first, 'one', withoutSource, RESTS);
    expect(claimed('one', 1)).toEqual([second]);
  });

  test('a retry does not wait', () => {
    const id = added();
    claimed('one', 1);
    store.giveBack(id, 'one', withoutSource, RESTS);
    steer(id, 1_000, { wantedAtMs: 1_000 });
    expect(claimed('one', 1)).toEqual([id]);
  });

  test('one that is paused after crashes is neither claimed nor next before its owner resumes it', () => {
    const [crashed, other] = [added(), added()];
    claimed('one', 1);
    const event: DownloadEvent = { kind: 'obstructed', cause: 'crash', reason: 'It crashed twice.' };
    store.giveBack(crashed, 'one', event, { rests: false });
    expect(store.nextDocuments(5)).toEqual([documentOf(other)]);
    expect(claimed('one', 2)).toEqual([other]);
    steer(crashed, 1_000, { wantedAtMs: 1_000 });
    expect(store.nextDocuments(5)).toEqual([documentOf(crashed)]);
    expect(claimed('one', 2)).toEqual([crashed]);
  });
});

describe('a command', () => {
  test('pauses at once, and the replica at work sees it', () => {
    const id = added();
    claimed('one', 1);
    steer(id, 10, { isPaused: true });
    expect(store.get(id)?.state).toMatchObject({ kind: 'paused', cause: 'owner' });
    expect(leased('one')).toEqual([[id, false]]);
    store.giveBack(id, 'one', { kind: 'stopped' }, { rests: false });
    expect(store.get(id)?.state).toMatchObject({ kind: 'paused', cause: 'owner' });
    expect(claimed('one', 1)).toEqual([]);
    steer(id, 20);
    expect(claimed('one', 1)).toEqual([id]);
  });

  test('of a download that ended is only remembered', () => {
    const id = added();
    end(id, 50, 'completed');
    steer(id, 60, { isPaused: true });
    expect(store.get(id)?.state.kind).toBe('completed');
  });

  test('is stronger than an earlier end, and weaker than a later one', () => {
    const id = added();
    end(id, 50, 'failed');
    steer(id, 60, { wantedAtMs: 60 });
    expect(store.get(id)?.state.kind).toBe('queued');
    end(id, 55, 'failed');
    expect(store.get(id)?.state.kind).toBe('queued');
    end(id, 70, 'cancelled');
    expect(store.get(id)?.state.kind).toBe('cancelled');
    end(id, 80, 'forgotten');
    expect(store.get(id)).toBeUndefined();
  });
});

describe('a hold', () => {
  test('takes all that could be at work out of the queue until its release, whatever replica looks', () => {
    const [active, waiting, paused] = [added(), added(), added()];
    expect(claimed('one', 1)).toEqual([active]);
    steer(paused, 10, { isPaused: true });
    expect(store.hold('frozen collection', 'It is frozen.')).toEqual([active, waiting]);
    expect(store.hold('frozen collection', 'It is frozen.')).toEqual([]);
    expect(leased('one')).toEqual([[active, false]]);
    store.giveBack(active, 'one', { kind: 'stopped' }, { rests: false });
    expect(claimed('two', 5)).toEqual([]);
    expect(store.isAnyWaiting()).toBe(false);
    expect(store.release('network')).toEqual([]);
    expect(store.release('frozen collection')).toEqual([active, waiting]);
    expect(store.get(active)?.state.kind).toBe('finding sources');
    expect(store.get(paused)?.state).toMatchObject({ kind: 'paused', cause: 'owner' });
    expect(claimed('two', 5)).toEqual([active, waiting]);
  });

  test('that is followed by the owner’s pause leaves the pause', () => {
    const id = added();
    store.hold('network', 'It is off.');
    steer(id, 10, { isPaused: true });
    store.release('network');
    expect(claimed('one', 1)).toEqual([]);
    steer(id, 20);
    expect(claimed('one', 1)).toEqual([id]);
  });
});

test('a completed download stays completed, whatever account of it comes later, in any order', () => {
  const orders = [
    (id: string) => end(id, 50, 'completed'),
    (id: string) => steer(id, 60, { wantedAtMs: 60 }),
    (id: string) => end(id, 70, 'cancelled'),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(orders, { minLength: 3 }), (accounts) => {
      const id = added();
      for (const account of accounts) account(id);
      expect(store.get(id)?.state).toEqual({ kind: 'completed' });
    }),
  );
});

test('the facts about a download give the same in whatever order, and however often, they come', () => {
  const id = randomUUID();
  const facts: (() => void)[] = [
    () => void store.add(id, documentOf(id), 1),
    () => steer(id, 10, { priority: 'high' }),
    () => end(id, 20, 'failed'),
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
      expect(store.get(id)).toMatchObject({
        state: { kind: 'paused', cause: 'owner' },
        desired: { priority: 'high' },
        requestedAtMs: 1,
      });
    }),
    { numRuns: 200 },
  );
});

test('ten thousand downloads are listed page by page, counted and claimed', () => {
  model.transaction(() => {
    for (let i = 0; i < 10_000; i++) added(i);
  });
  for (const { id } of store.claim('one', ++beats, { most: 5 })) end(id, 1e6, 'failed');
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
