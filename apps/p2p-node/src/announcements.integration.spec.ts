// Real: SQLite on disk.
import { tempFolder } from '@allibrary/testing';
import { type ReadModel } from '@allibrary/platform';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { Announcements, openAnnouncementsReadModel } from './announcements.ts';

const folder = await tempFolder();
let model: ReadModel;
let announcements: Announcements;

beforeEach(() => {
  model?.close();
  model = openAnnouncementsReadModel(`${folder.path}/${Math.random()}`);
  announcements = new Announcements(model);
});
afterAll(async () => {
  model.close();
  await folder.remove();
});

const due = (nowMs: number, dhtPeers = 1) => announcements.due({ nowMs, dhtPeers, limit: 10 });

test('the later fact wins, in whatever order they come', () => {
  expect(announcements.record('a', true, 5)).toBe(true);
  expect(announcements.record('a', false, 4)).toBe(false);
  expect(announcements.isShared('a')).toBe(true);
  expect(announcements.record('a', false, 6)).toBe(true);
  expect(announcements.record('a', true, 5)).toBe(false);
  expect(announcements.isShared('a')).toBe(false);
  expect(due(1)).toEqual([]);
});

test('a shared document waits until it is announced, and is due again when that is no longer good', () => {
  announcements.record('a', true, 1);
  expect(due(0)).toEqual(['a']);
  expect(announcements.counts()).toEqual({ announced: 0, waiting: 1 });
  announcements.announced('a', { atMs: 10, dhtPeers: 1, dueAtMs: 100 });
  expect(announcements.counts()).toEqual({ announced: 1, waiting: 0 });
  expect(due(99)).toEqual([]);
  expect(due(100)).toEqual(['a']);
});

test('an announcement is made again when the network has grown since, but for those first who were never announced', () => {
  announcements.record('a', true, 1);
  announcements.announced('a', { atMs: 10, dhtPeers: 1, dueAtMs: 100 });
  expect(due(50, 1)).toEqual([]);
  expect(due(50, 2)).toEqual(['a']);
  announcements.record('b', true, 2);
  expect(due(50, 2)).toEqual(['b']);
});

test('what nobody took is tried again at its time, however the network grows; an earlier announcement still counts', () => {
  announcements.record('a', true, 1);
  announcements.announced('a', { atMs: 10, dhtPeers: 1, dueAtMs: 100 });
  announcements.notAnnounced('a', 60);
  expect(due(59, 20)).toEqual([]);
  expect(due(60)).toEqual(['a']);
  expect(announcements.counts()).toEqual({ announced: 1, waiting: 0 });
});

test('the same fact again changes nothing; a document that comes back is announced anew', () => {
  announcements.record('a', true, 1);
  announcements.announced('a', { atMs: 10, dhtPeers: 1, dueAtMs: 100 });
  announcements.record('a', true, 2);
  expect(announcements.counts()).toEqual({ announced: 1, waiting: 0 });
  announcements.record('a', false, 3);
  announcements.announced('a', { atMs: 11, dhtPeers: 1, dueAtMs: 100 }); // was on its way when the document went
  announcements.record('a', true, 4);
  expect(announcements.counts()).toEqual({ announced: 0, waiting: 1 });
});
