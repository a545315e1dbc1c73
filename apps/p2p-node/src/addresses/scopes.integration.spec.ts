// Real: libp2p hosts over loopback. Stands in: how far away one host takes the other to be.
import { identify } from '@libp2p/identify';
import type { IdentifyResult } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@chainsafe/libp2p-yamux';
import { noise } from '@chainsafe/libp2p-noise';
import { eventually } from '@allibrary/testing';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, expect, test, vi } from 'vitest';
import { PeerExchange } from '../peers/peer-exchange.ts';
import { SEARCH } from '../protocols/library-protocols.ts';
import { PacedQuestions } from '../protocols/paced-questions.ts';
import { type TestHost, connectHosts, nameAddresses, removeTestHost, startTestHost } from '../testing/hosts.ts';
import type { AddressScope } from './address-scope.ts';

const LOOPBACK = '/ip4/127.0.0.77/tcp/1';
const LAN = '/ip4/192.168.7.7/tcp/1';
const PUBLIC = '/ip4/203.0.114.7/tcp/1';
const BY_SCOPE: [AddressScope, string[]][] = [
  ['loopback', [LOOPBACK, LAN, PUBLIC]],
  ['private', [LAN, PUBLIC]],
  ['public', [PUBLIC]],
];
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A host that takes all others to be so far away, and has these addresses. */
async function startOwn(scope: AddressScope, announce: string[] = [LOOPBACK, LAN, PUBLIC]): Promise<TestHost> {
  const own = await startTestHost({ announce });
  cleanUps.push(() => removeTestHost(own));
  vi.spyOn(own.guard.gate.addresses, 'scopeOfPeer').mockReturnValue(scope);
  return own;
}

/** A peer with libp2p's own identify, and these addresses. */
async function startStranger(announce: string[] = []) {
  const stranger = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'], announce },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  });
  cleanUps.push(() => stranger.stop());
  return stranger;
}

/** Where it really listens, whatever it announces. */
const listening = ({ host, port }: TestHost) => [multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${host.peerId.toString()}`)];

test.each(BY_SCOPE)('a %s peer is told by identify, in the list and in the signed record, %j', async (scope, told) => {
  const own = await startOwn(scope);
  const stranger = await startStranger();
  const identified = new Promise<IdentifyResult>((resolve) =>
    stranger.addEventListener('peer:identify', ({ detail }) => resolve(detail)),
  );
  await stranger.dial(listening(own));
  const { listenAddrs, signedPeerRecord } = await identified;
  expect(listenAddrs.map(String)).toEqual(told);
  expect(signedPeerRecord?.addresses.map(String)).toEqual(told);
});

test.each(BY_SCOPE)('a %s peer teaches by identify %j', async (scope, taught) => {
  const own = await startOwn(scope);
  const stranger = await startStranger([LOOPBACK, LAN, PUBLIC]);
  await stranger.dial(listening(own));
  await eventually(async () => {
    const { addresses } = await own.host.peerStore.get(stranger.peerId); // its protocols may be stored before
    return expect(addresses.map(({ multiaddr }) => multiaddr.toString()).toSorted()).toEqual(taught.toSorted()) ?? true;
  });
});

test('after a change a public peer is pushed only the public address', async () => {
  const own = await startOwn('public');
  const other = await startTestHost();
  cleanUps.push(() => removeTestHost(other));
  nameAddresses(other.host, listening(own));
  await other.host.dial(listening(own));
  await eventually(async () => (await other.host.peerStore.get(own.host.peerId)).protocols.length > 0);
  const pushed = new Promise<IdentifyResult>((resolve) =>
    other.host.addEventListener('peer:identify', ({ detail }) => resolve(detail)),
  );
  await own.host.handle('/test/new/1.0.0', () => {});
  const { listenAddrs, protocols } = await pushed;
  expect(protocols).toContain('/test/new/1.0.0');
  expect(listenAddrs.map(String)).toEqual([PUBLIC]);
});

test.each<[string, string[], number]>([
  ['public addresses', [PUBLIC], 1],
  ['a LAN address', [LAN, PUBLIC], 0],
])('the record of a stranger with %s is passed on to a LAN peer: %j, %i records', async (_name, announce, records) => {
  const own = await startOwn('public');
  const stranger = await startStranger(announce);
  await stranger.handle(SEARCH.protocol, () => {});
  await stranger.dial(listening(own));
  await eventually(async () => (await own.host.peerStore.get(stranger.peerId)).protocols.includes(SEARCH.protocol));
  const asker = await startTestHost();
  cleanUps.push(() => removeTestHost(asker));
  nameAddresses(asker.host, listening(own));
  await asker.host.dial(listening(own));
  await eventually(() => own.host.getConnections(asker.host.peerId).length > 0);
  vi.mocked(own.guard.gate.addresses.scopeOfPeer).mockReturnValue('private');
  const exchange = new PeerExchange(own.host, own.guard, new PacedQuestions(() => performance.now()));
  const [connection] = own.host.getConnections(asker.host.peerId);
  if (!connection) throw new Error('the asker has gone');
  expect(await exchange.recordsFor(connection, 20)).toHaveLength(records);
});

test('the DHT names a peer only with addresses that the asker may learn, and one that is near is believed', async () => {
  const [middle, provider, asker] = [await startTestHost(), await startTestHost(), await startTestHost()];
  for (const host of [middle, provider, asker]) cleanUps.push(() => removeTestHost(host));
  await connectHosts(provider.host, middle.host);
  await connectHosts(asker.host, middle.host);
  await eventually(() => middle.host.services.dht.routingTable.size === 2);
  const find = async () => {
    const signal = AbortSignal.timeout(5_000);
    for await (const event of asker.host.services.dht.findPeer(provider.host.peerId, { signal }))
      if (event.name === 'PEER_RESPONSE')
        return event.closer.filter(({ id }) => id.equals(provider.host.peerId)).flatMap(({ multiaddrs }) => multiaddrs);
    return [];
  };
  vi.spyOn(middle.guard.gate.addresses, 'scopeOfPeer').mockReturnValue('public');
  expect(await find()).toEqual([]);
  vi.mocked(middle.guard.gate.addresses.scopeOfPeer).mockReturnValue('loopback');
  const [address] = await find();
  if (!address) throw new Error('the DHT names no address');
  expect(asker.guard.gate.addresses.permits(address)).toBe(true);
});

test('addresses that a far DHT node names are not believed', async () => {
  const [middle, provider, asker] = [await startTestHost(), await startTestHost(), await startTestHost()];
  for (const host of [middle, provider, asker]) cleanUps.push(() => removeTestHost(host));
  await connectHosts(asker.host, middle.host);
  await eventually(() => asker.host.services.dht.routingTable.size === 1);
  vi.spyOn(asker.guard.gate.addresses, 'scopeOfPeer').mockReturnValue('public');
  await connectHosts(provider.host, middle.host);
  await eventually(() => middle.host.services.dht.routingTable.size === 2);
  const signal = AbortSignal.timeout(5_000);
  for await (const event of asker.host.services.dht.findPeer(provider.host.peerId, { signal })) void event;
  const [address] = listening(provider);
  if (!address) throw new Error('the provider listens nowhere');
  expect(asker.guard.gate.denyDialMultiaddr(address)).toBe(true);
  const known = await asker.host.peerStore.get(provider.host.peerId).catch(() => undefined);
  expect(known?.addresses ?? []).toEqual([]);
});
