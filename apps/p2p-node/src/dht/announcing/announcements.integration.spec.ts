// Real: SQLite on disk.
import { createHash } from 'node:crypto';
import { tempFolder } from '@allibrary/testing';
import { type ReadModel } from '@allibrary/platform';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { Announcements, type DueDocument, openAnnouncementsReadModel } from './announcements.ts';
import { placeOf } from '../key-space.ts';
import { RENEW_EVERY_MS } from '../record-life.ts';

const folder = await tempFolder();
let model: ReadModel;
let announcements: Announcements;

beforeEach(() => {
  model?.close();
  model = openAnnouncementsReadModel(`${folder.path}/${Math.random()}.sqlite`);
  announcements = new Announcements(model);
});
afterAll(async () => {
  model.close();
  await folder.remove();
});

function named(name: string): DueDocument {
  const cid = CID.createV1(0x55, Digest.create(0x12, createHash('sha256').update(name).digest()));
  return { documentId: cid.toString(), key: cid.multihash.bytes, place: placeOf(cid.multihash.bytes) };
}
const a = named('a');
const b = named('b');

const due = (nowMs: number, dhtPeers = 1, aheadMs = 0) =>
  announcements.due({ nowMs, aheadMs, dhtPeers, limit: 10 }).map(({ documentId }) => documentId);

test('the later fact wins, in whatever order they come', () => {
  expect(announcements.record(a.documentId, true, 5)).toBe(true);
  expect(announcements.record(a.documentId, false, 4)).toBe(false);
  expect(announcements.isShared(a.documentId)).toBe(true);
  expect(announcements.record(a.documentId, false, 6)).toBe(true);
  expect(announcements.record(a.documentId, true, 5)).toBe(false);
  expect(announcements.isShared(a.documentId)).toBe(false);
  expect(due(1)).toEqual([]);
});

test('a shared document waits until it is announced, and is due again in its round', () => {
  announcements.record(a.documentId, true, 1);
  expect(due(0)).toEqual([a.documentId]);
  expect(announcements.counts()).toEqual({ announced: 0, waiting: 1 });
  announcements.announced([a], { atMs: 10, dhtPeers: 1 });
  expect(announcements.counts()).toEqual({ announced: 1, waiting: 0 });
  expect(due(11)).toEqual([]);
  expect(due(10 + 2 * RENEW_EVERY_MS)).toEqual([a.documentId]);
});

test('a document that was announced while the clock was years ahead is due as soon as the clock is right', () => {
  announcements.record(a.documentId, true, 1);
  announcements.announced([a], { atMs: 400 * RENEW_EVERY_MS, dhtPeers: 1 });
  expect(due(10 * RENEW_EVERY_MS)).toEqual([a.documentId]);
  announcements.announced([a], { atMs: 10 * RENEW_EVERY_MS, dhtPeers: 1 });
  expect(due(10 * RENEW_EVERY_MS)).toEqual([]);
});

test('what is due comes in the order of the key space, and with what is due soon', () => {
  const all = Array.from({ length: 8 }, (_, index) => named(`document ${index}`));
  const inOrder = all.toSorted((x, y) => Buffer.compare(x.place, y.place)).map(({ documentId }) => documentId);
  for (const [index, { documentId }] of all.entries()) announcements.record(documentId, true, index + 1);
  expect(due(0)).toEqual(inOrder);
  announcements.notAnnounced(all.slice(1), 50);
  expect(due(0)).toEqual([all[0]?.documentId]);
  expect(due(0, 1, 50)).toHaveLength(8);
});

test('an announcement is made again when the network has grown since, but for those first who were never announced', () => {
  announcements.record(a.documentId, true, 1);
  announcements.announced([a], { atMs: 10, dhtPeers: 1 });
  expect(due(50, 1)).toEqual([]);
  expect(due(50, 2)).toEqual([a.documentId]);
  announcements.record(b.documentId, true, 2);
  expect(due(50, 2)).toEqual([b.documentId]);
});

test('what nobody took is tried again at its time, however the network grows; an earlier announcement still counts', () => {
  announcements.record(a.documentId, true, 1);
  announcements.announced([a], { atMs: 10, dhtPeers: 1 });
  announcements.notAnnounced([a], 60);
  expect(due(59, 20)).toEqual([]);
  expect(due(60)).toEqual([a.documentId]);
  expect(announcements.counts()).toEqual({ announced: 1, waiting: 0 });
});

test('the same fact again changes nothing; a document that comes back is announced anew', () => {
  announcements.record(a.documentId, true, 1);
  announcements.announced([a], { atMs: 10, dhtPeers: 1 });
  announcements.record(a.documentId, true, 2);
  expect(announcements.counts()).toEqual({ announced: 1, waiting: 0 });
  announcements.record(a.documentId, false, 3);
  announcements.announced([a], { atMs: 11, dhtPeers: 1 }); // was on its way when the document went
  announcements.record(a.documentId, true, 4);
  expect(announcements.counts()).toEqual({ announced: 0, waiting: 1 });
});

test('announced documents are drawn by where they lie, going round at the end of the key space', () => {
  for (const [index, each] of [a, b].entries()) announcements.record(each.documentId, true, index + 1);
  const last = new Uint8Array(32).fill(255);
  expect(announcements.announcedAfter([last])).toEqual([]);
  announcements.announced([a], { atMs: 10, dhtPeers: 1 });
  expect(announcements.announcedAfter([last, new Uint8Array(32), a.place])).toEqual([a.documentId]);
  announcements.announced([b], { atMs: 10, dhtPeers: 1 });
  expect(announcements.announcedAfter([b.place])).toEqual([b.documentId]);
});
