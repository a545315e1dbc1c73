// Real: SQLite on disk. The clock is set.
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RECORD_LIFE_MS } from '../record-life.ts';
import { documentNamed } from '../../testing/dht.ts';
import { ProviderRecords, TooManyRecords, openRecordsReadModel } from './provider-records.ts';

const LIMITS = {
  perPeer: 10,
  perSubnet: 15,
  total: 25,
  peers: { perHolder: 1, perSubnet: 3, inTotal: 5 },
  perAnswer: 3,
};
let folder: Awaited<ReturnType<typeof tempFolder>>;
let nowMs: number;
let records: ProviderRecords;

const open = () => new ProviderRecords(openRecordsReadModel(join(folder.path, 'records.sqlite')), LIMITS, () => nowMs);
const digest = (name: number) => documentNamed(String(name)).key.subarray(2);
const addMany = (peerId: string, from: number, count: number, subnet = `of ${peerId}`) => {
  for (let name = from; name < from + count; name++) {
    nowMs += 1_000;
    records.add(digest(name), { peerId, subnet });
  }
};

beforeEach(async () => {
  folder = await tempFolder();
  nowMs = 1_000_000_000_000;
  records = open();
});
afterEach(async () => {
  records.close();
  await folder.remove();
});

test('providers of a key are named, the latest first, and no more than an answer holds', () => {
  for (const peer of ['a', 'b', 'c', 'd', 'a']) addMany(peer, 1, 1);
  expect(records.providersOf(digest(1))).toEqual(['a', 'd', 'c']);
  expect(records.providersOf(digest(2))).toEqual([]);
  expect(records.size).toBe(4);
});

test('records outlive a restart, and end with their life', () => {
  addMany('a', 1, 2);
  records.close();
  records = open();
  expect(records.size).toBe(2);
  nowMs += RECORD_LIFE_MS - 1_000;
  addMany('a', 2, 1);
  expect(records.providersOf(digest(2))).toEqual(['a']);
  nowMs += 2_000;
  expect(records.providersOf(digest(1))).toEqual([]);
  records.expire();
  expect(records.size).toBe(1);
  nowMs += RECORD_LIFE_MS;
  records.expire();
  expect(records.size).toBe(0);
  addMany('a', 3, 1); // a peer that was forgotten comes back
  expect(records.providersOf(digest(3))).toEqual(['a']);
});

test('records of a run whose clock was years ahead end with their life all the same', () => {
  nowMs += 10 * 365 * 24 * 3_600_000;
  addMany('a', 1, 1);
  records.close();
  nowMs = 1_000_000_000_000;
  records = open();
  expect(records.providersOf(digest(1))).toEqual(['a']);
  nowMs += RECORD_LIFE_MS + 1_000;
  expect(records.providersOf(digest(1))).toEqual([]);
  records.expire();
  expect(records.size).toBe(0);
});

test('a peer at its limit may renew its records but not add more', () => {
  addMany('a', 0, LIMITS.perPeer);
  expect(() => addMany('a', 100, 1)).toThrow(TooManyRecords);
  addMany('a', 0, 1);
  addMany('b', 100, 1);
  records.store();
  expect(records.size).toBe(LIMITS.perPeer + 1);
});

test('beyond the total, the oldest records of the peers with most records are deleted first', () => {
  addMany('few', 0, 2);
  for (const peer of ['a', 'b']) addMany(peer, 10, 9);
  addMany('c', 10, 8);
  records.store();
  expect(records.size).toBe(LIMITS.total);
  expect(records.providersOf(digest(0))).toEqual(['few']);
  expect(records.providersOf(digest(10)).length).toBeLessThan(3);
  expect(records.providersOf(digest(17))).toHaveLength(3);
});

test('when the total is full, the peer with most records gets no more, and others do', () => {
  for (const peer of ['a', 'b', 'c']) addMany(peer, 10, peer === 'a' ? 9 : 8);
  expect(() => addMany('a', 100, 1)).toThrow(TooManyRecords);
  addMany('few', 100, 1);
  expect(records.providersOf(digest(100))).toEqual(['few']);
  expect(records.size).toBe(LIMITS.total);
});

test('records of a subnet are limited, whichever of its peers has them', () => {
  addMany('a', 0, 9, 'shared');
  addMany('b', 0, 6, 'shared');
  expect(() => addMany('c', 0, 1, 'shared')).toThrow(TooManyRecords);
  addMany('d', 0, 1);
  expect(records.providersOf(digest(0))).toContain('d');
});

test('the number of peers is limited: a newcomer replaces the oldest peer of the fullest subnet', () => {
  for (const peer of ['a', 'b', 'c']) addMany(peer, 1, 2, 'crowded');
  for (const peer of ['d', 'e']) addMany(peer, 2, 1);
  addMany('newest', 1, 1);
  expect(records.providersOf(digest(1))).toEqual(['newest', 'c', 'b']);
  records.close();
  records = open();
  expect(records.providersOf(digest(1))).toEqual(['newest', 'c', 'b']);
  records.expire();
  expect(records.size).toBe(7);
  addMany('a', 1, 1, 'crowded'); // it comes back, and takes the place of another one of its subnet
  expect(records.providersOf(digest(1))).toEqual(['a', 'newest', 'c']);
});
