// Real: 12 libp2p hosts over loopback with the DHT that they form. No host answers `have`: the DHT alone must do.
// Stands in: the logger; sockets that accept and say nothing, for hosts that hang.
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import type { Logger } from '@allibrary/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DueDocument } from '../dht/announcing/announcements.ts';
import { DhtLookups } from '../dht/dht-lookups.ts';
import { PacedQuestions } from '../protocols/paced-questions.ts';
import { LibraryPeers } from './library-peers.ts';
import { SourceFinder } from './source-finder.ts';
import { documentNamed, startDht, senderOf } from '../testing/dht.ts';
import { type TestHost, portOf, removeTestHost } from '../testing/hosts.ts';

const COUNT = 12;
const FIND_LIMIT_MS = 10_000;
const logger = { debug() {}, info() {}, warn() {} } as unknown as Logger;
const hanging: { server: Server; sockets: Set<Socket> }[] = [];
let hosts: TestHost[];

/** A document that two neighbours hold, and where all others have heard of it. */
interface Held {
  readonly document: DueDocument;
  readonly holders: readonly TestHost[];
}
let shared: Held[];

beforeAll(async () => {
  hosts = await startDht(COUNT);
  shared = hosts.map((host, index) => ({
    document: documentNamed(`held by ${index}`),
    holders: [host, hosts[(index + 1) % COUNT] as TestHost],
  }));
  for (const { document, holders } of shared) for (const holder of holders) await announce(holder, document);
}, 120_000);

afterAll(async () => {
  for (const { server, sockets } of hanging) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  await Promise.all(hosts.map((host) => removeTestHost(host)));
});

async function announce(announcing: TestHost, { key }: DueDocument): Promise<void> {
  const others = hosts.filter((other) => other !== announcing);
  const sender = senderOf(announcing);
  const signal = AbortSignal.timeout(20_000);
  const taken = await Promise.all(others.map((other) => sender.send(other.host.peerId, [key], signal)));
  expect(taken).toEqual(others.map(() => 1));
}

/** Whether a host finds all holders that are still running. */
async function finds({ host }: TestHost, { document, holders }: Held, gone: readonly TestHost[]): Promise<boolean> {
  const now = () => performance.now();
  const libraries = new LibraryPeers(host, new PacedQuestions(now), () => {});
  const finder = new SourceFinder(host, libraries, new DhtLookups(host, now), logger);
  const missing = new Set(holders.filter((each) => !gone.includes(each)).map((each) => each.host.peerId.toString()));
  for await (const { peerId } of finder.find(
    { documentId: document.documentId, soon: [] },
    20,
    AbortSignal.timeout(FIND_LIMIT_MS),
  )) {
    missing.delete(peerId);
    if (missing.size === 0) return true;
  }
  return missing.size === 0;
}

async function expectAllFound(gone: readonly TestHost[]): Promise<void> {
  const asking = hosts.filter((host) => !gone.includes(host));
  for (const host of asking) {
    const wanted = shared.filter(
      ({ holders }) => !holders.includes(host) && holders.some((each) => !gone.includes(each)),
    );
    const found = await Promise.all(wanted.slice(0, 4).map((held) => finds(host, held, gone)));
    expect(found).toEqual(found.map(() => true));
  }
}

/** Kills a host, and lets its port accept connections that are never answered. */
async function hang(host: TestHost): Promise<void> {
  const port = portOf(host.host);
  await host.host.stop();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  hanging.push({ server, sockets });
}

test('each host finds what any two others hold', { timeout: 60_000 }, () => expectAllFound([]));

test('also when the host by which all met is gone', { timeout: 60_000 }, async () => {
  const gone = hosts.slice(0, 1);
  for (const { host } of gone) await host.stop();
  await expectAllFound(gone);
});

test('also when half of the hosts hang', { timeout: 120_000 }, async () => {
  const gone = hosts.slice(0, COUNT / 2);
  for (const host of gone.slice(1)) await hang(host);
  await expectAllFound(gone);
});
