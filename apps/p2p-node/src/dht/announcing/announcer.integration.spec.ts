// Real: libp2p hosts over loopback with the DHT that they form, SQLite on disk. Stands in: the logger.
import { tempFolder, eventually } from '@allibrary/testing';
import type { Logger, ReadModel } from '@allibrary/platform';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Announcements, openAnnouncementsReadModel } from './announcements.ts';
import { Announcer } from './announcer.ts';
import { RecordSender } from './record-sender.ts';
import { SelfCheck } from './self-check.ts';
import { DhtLookups } from '../dht-lookups.ts';
import { RECORD_COPIES, closest, placeOf } from '../key-space.ts';
import { documentNamed, providersOf, startDht } from '../../testing/dht.ts';
import { type TestHost, removeTestHost } from '../../testing/hosts.ts';

const logger = { debug() {}, info() {}, warn() {} } as unknown as Logger;
const cleanUps: (() => unknown)[] = [];
let model: ReadModel;
let announcements: Announcements;

beforeEach(async () => {
  const folder = await tempFolder();
  model = openAnnouncementsReadModel(`${folder.path}/announcements.sqlite`);
  announcements = new Announcements(model);
  cleanUps.push(
    () => folder.remove(),
    () => model.close(),
  );
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function dhtOf(count: number): Promise<[TestHost, ...TestHost[]]> {
  const hosts = await startDht(count);
  cleanUps.push(() => Promise.all(hosts.map((host) => removeTestHost(host))));
  return hosts as [TestHost, ...TestHost[]];
}

const lookupsOf = ({ host }: TestHost) => new DhtLookups(host, () => performance.now());

function announce(from: TestHost): { sent: number } {
  const { host, guard } = from;
  const counted = { sent: 0 };
  const sender = new RecordSender(host, guard.gate.addresses, (sent) => (counted.sent += sent));
  const announcer = new Announcer(sender, announcements, lookupsOf(from), logger, Date.now);
  announcer.start();
  cleanUps.push(() => announcer.close());
  return counted;
}

const share = (count: number) => {
  const documents = Array.from({ length: count }, (_, index) => documentNamed(`document ${index}`));
  for (const [index, { documentId }] of documents.entries()) announcements.record(documentId, true, index + 1);
  return documents;
};
const untilAllAnnounced = () => eventually(() => announcements.counts().waiting === 0, { timeoutMs: 40_000 });

describe('in a small network', () => {
  test('every node keeps every record, and names us', { timeout: 90_000 }, async () => {
    const hosts = await dhtOf(4);
    const [ours, ...others] = hosts;
    const documents = share(600);
    const counted = announce(ours);
    await untilAllAnnounced();
    expect(counted.sent).toBe(600 * 3);
    expect(others.map(({ host }) => host.services.records.size)).toEqual([600, 600, 600]);
    for (const document of [documents[0], documents[599]]) {
      for (const other of others) expect(await providersOf(document!, other)).toContain(ours.host.peerId.toString());
    }
  });

  test('a self-check finds what was announced, and misses what the others have lost', { timeout: 90_000 }, async () => {
    const [ours, ...others] = await dhtOf(3);
    share(20);
    const check = new SelfCheck(ours.host, announcements, lookupsOf(ours), logger, () => 7);
    const signal = AbortSignal.timeout(30_000);
    expect(await check.check(10, signal)).toBeNull();
    announce(ours);
    await untilAllAnnounced();
    const good = await check.check(1_000, signal);
    expect(good).toEqual({ sampled: 20, found: 20, announcedDocuments: 20, estimatedDocuments: 20, checkedAtMs: 7 });
    for (const { host } of others) await host.stop();
    const bad = await check.check(1_000, signal);
    expect(bad).toMatchObject({ sampled: 20, found: 0, estimatedDocuments: 0 });
  });
});

describe('in a network with more nodes than copies', () => {
  test('each record is at the nodes that are closest to its key, and only there', { timeout: 120_000 }, async () => {
    const hosts = await dhtOf(22);
    const [ours, ...others] = hosts;
    const documents = share(40);
    announce(ours);
    await untilAllAnnounced();
    const peers = others.map(({ host }) => ({ host, place: placeOf(host.peerId.toMultihash().bytes) }));
    for (const { place, key } of documents) {
      const keepers = new Set(closest(place, peers, RECORD_COPIES));
      for (const peer of peers) {
        const isKept = peer.host.services.records.providersOf(key.subarray(2)).length > 0;
        expect(isKept).toBe(keepers.has(peer));
      }
    }
  });
});
