// Real: libp2p hosts over loopback.
import { Logger } from '@allibrary/platform';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SEARCH } from '../protocols/library-protocols.ts';
import { type TestHost, connectHosts, removeTestHost, startTestHost } from '../testing/hosts.ts';
import { LibraryLog } from './library-log.ts';

let own: TestHost;
let other: TestHost;
let lines: [object | string, string][];
let log: LibraryLog;

beforeEach(async () => {
  [own, other] = await Promise.all([startTestHost(), startTestHost()]);
  lines = [];
  const logger = new Logger({ service: 'test', level: 'silent' });
  vi.spyOn(logger, 'info').mockImplementation((fields, message = '') => void lines.push([fields, message]));
  log = new LibraryLog(own.host, logger, () => performance.now());
  log.start();
});
afterEach(async () => {
  log.close();
  await Promise.all([removeTestHost(own), removeTestHost(other)]);
});

test('a library is logged once when it connects and once when it disconnects', async () => {
  await other.host.handle(SEARCH.protocol, () => {});
  await connectHosts(own.host, other.host);
  const peerId = other.host.peerId.toString();
  await eventually(() => lines.length === 1);
  await own.host.hangUp(other.host.peerId);
  await eventually(() => lines.length === 2);
  expect(lines).toEqual([
    [expect.objectContaining({ peerId, direction: 'outbound', agent: 'test/1', libraries: 1 }), 'library connected'],
    [{ peerId, minutes: 0, libraries: 0 }, 'library disconnected'],
  ]);
});

test('a peer that is not a library is not logged', async () => {
  const identified = new Promise((resolve) => own.host.addEventListener('peer:identify', resolve, { once: true }));
  await connectHosts(own.host, other.host);
  await identified;
  await own.host.hangUp(other.host.peerId);
  await eventually(() => own.host.getPeers().length === 0);
  expect(lines).toEqual([]);
});
