import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger, Metrics } from '@allibrary/platform';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { Announcements, openAnnouncementsReadModel } from '../apps/p2p-node/dist/dht/announcing/announcements.js';
import { Announcer } from '../apps/p2p-node/dist/dht/announcing/announcer.js';
import { RecordSender } from '../apps/p2p-node/dist/dht/announcing/record-sender.js';
import type { GateLimits } from '../apps/p2p-node/dist/gate/connection-gate.js';
import { countGuard } from '../apps/p2p-node/dist/gate/guard-counters.js';
import { PeerGuard } from '../apps/p2p-node/dist/gate/peer-guard.js';
import { type Libp2pHost, startLibp2pHost } from '../apps/p2p-node/dist/network/libp2p-host.js';
import { timed } from './measure.ts';

const AT_ONCE = 4;
const SETTLE_LIMIT_MS = 60_000;
const MANY = { burst: 100_000, perMinute: 100_000 };
/** All hosts share one address and one guard. */
const NO_LIMITS: GateLimits = {
  perAddress: 1_000,
  perSubnet: 1_000,
  perPeer: 1_000,
  inTotal: 1_000,
  handshakes: { perHolder: 1_000, perSubnet: 1_000, inTotal: 1_000 },
  newPerAddress: MANY,
  unverifiedDials: { perHost: MANY, inTotal: MANY },
};

/**
 * How fast documents become known to a DHT of hosts in this process, over TCP on loopback: by `provide()` for each key, four
 * at once, as before; and by our announcer. Says also how many messages of the DHT a key takes.
 */
export async function benchAnnouncing(
  folder: string,
  { hosts: count, keys, before }: { hosts: number; keys: number; before: number },
): Promise<string[]> {
  const hosts = await startDht(folder, count);
  const [ours] = hosts;
  if (!ours) return [];
  try {
    const plain = await provideEach(ours, before);
    const swept = await announceAll(ours, join(folder, 'ours'), keys);
    const row = (name: string, value: number, digits: number) => `| ${name} | ${value.toFixed(digits)} |`;
    const [perSecondBefore, perSecond] = [before / plain.seconds, keys / swept.seconds];
    return [
      row(`announcing to ${count} hosts: \`provide()\` for each of ${before} keys, keys/s`, perSecondBefore, 1),
      row('the same, messages for each key', plain.messages / before, 1),
      row(`${keys} keys by region, keys/s`, perSecond, 0),
      row('the same, messages for each key', swept.messages / keys, 1),
      row('the same, streams for each key', swept.streams / keys, 3),
      row('times as fast (goal 10)', perSecond / perSecondBefore, 0),
    ];
  } finally {
    await Promise.all(hosts.map(async (host) => host.stop()));
  }
}

const guard = new PeerGuard({
  counters: countGuard(new Metrics('bench')),
  logger: new Logger({ service: 'bench', level: 'silent' }),
  now: Date.now,
  limits: NO_LIMITS,
});

async function startDht(folder: string, count: number): Promise<Libp2pHost[]> {
  const hosts = await Promise.all(
    Array.from({ length: count }, async (_, index) =>
      startLibp2pHost({
        identity: { privateKey: await generateKeyPair('Ed25519'), agent: 'bench/1' },
        listen: { host: '127.0.0.1', port: 0, announce: [] },
        storage: {
          datastore: join(folder, `host-${index}`, 'peers.sqlite'),
          log: { damaged: console.error, unwritable: console.error, writableAgain: () => {} },
          providerRecords: join(folder, `host-${index}`, 'provider-records.sqlite'),
        },
        guard,
        observer: { onProblem: () => {} },
        transports: ['tcp'],
        services: ['interface-addresses'],
      }),
    ),
  );
  const [first, ...others] = hosts;
  for (const address of first?.getMultiaddrs() ?? []) guard.gate.name(address);
  // libp2p lets in five connections a second from one address: the hosts of one machine get to know each other slowly.
  const deadline = performance.now() + SETTLE_LIMIT_MS;
  while (first && first.getPeers().length < count - 1 && performance.now() < deadline) {
    const known = new Set(first.getPeers().map(String));
    const next = others.find(({ peerId }) => !known.has(peerId.toString()));
    await next?.dial(first.getMultiaddrs(), { signal: AbortSignal.timeout(1_000) }).catch(() => {});
    await delay(200);
  }
  return hosts;
}

async function provideEach(host: Libp2pHost, count: number): Promise<{ seconds: number; messages: number }> {
  let messages = 0;
  const waiting = Array.from({ length: count }, (_, index) => documentId(`before ${index}`));
  const lane = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for await (const event of host.services.dht.provide(CID.parse(next))) {
        if (event.name === 'SEND_QUERY') messages += 1;
      }
    }
  };
  const { seconds } = await timed(() => Promise.all(Array.from({ length: AT_ONCE }, lane)));
  return { seconds, messages };
}

async function announceAll(host: Libp2pHost, folder: string, count: number) {
  const model = openAnnouncementsReadModel(join(folder, 'announcements.sqlite'));
  const announcements = new Announcements(model);
  model.transaction(() => {
    for (let index = 0; index < count; index++) announcements.record(documentId(`after ${index}`), true, index + 1);
  });
  const sums = { messages: countLookUps(host), streams: 0 };
  const logger = { debug: () => {}, warn: console.error } as unknown as ConstructorParameters<typeof Announcer>[2];
  let [records, streams] = [0, 0];
  const sender = new RecordSender(host, guard.gate.addresses, (sent) => {
    records += sent;
    streams += 1;
  });
  const announcer = new Announcer(sender, announcements, logger, Date.now);
  const { seconds } = await timed(async () => {
    announcer.start();
    while (announcements.counts().waiting > 0) await delay(500);
  });
  await announcer.close();
  model.close();
  return { seconds, messages: records + streams + sums.messages(), streams: streams + sums.messages() };
}

/** Counts the messages that look-ups send from now on. */
function countLookUps(host: Libp2pHost): () => number {
  let messages = 0;
  const { dht } = host.services;
  const original = dht.getClosestPeers.bind(dht);
  dht.getClosestPeers = async function* (key, options) {
    for await (const event of original(key, options)) {
      if (event.name === 'SEND_QUERY') messages += 1;
      yield event;
    }
  };
  return () => messages;
}

const documentId = (name: string): string =>
  CID.createV1(0x55, Digest.create(0x12, createHash('sha256').update(name).digest())).toString();
