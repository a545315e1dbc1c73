// Real: p2p-node's whole module with its nats-server, hostile libp2p hosts and raw sockets over loopback, where each address
// of 127.0.0.0/8 stands for another machine. Stand in: transfer, indexer.
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { ConnectPeer, ListPeers } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, expect, test } from 'vitest';
import { GATE_LIMITS } from './connection-gate.ts';
import { ask } from '../protocols/exchange.ts';
import { HAVE } from '../protocols/library-protocols.ts';
import { MOST_RECORDS, PEERS } from '../protocols/peers-protocol.ts';
import { type TestHost, nameAddresses, removeTestHost, startTestHost } from '../testing/hosts.ts';
import { recordNaming, startTeller } from '../testing/hostile.ts';
import { type P2pNode, startP2pNode } from '../testing/p2p-fixture.ts';

const DOCUMENT = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const MIB = 1_048_576;
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function startNode(): Promise<P2pNode> {
  const node = await startP2pNode();
  cleanUps.push(() => node.stop());
  return node;
}

async function startHonest(node: P2pNode): Promise<TestHost> {
  const honest = await startTestHost();
  cleanUps.push(() => removeTestHost(honest));
  await dialNode(honest, node);
  return honest;
}

async function dialNode({ host }: TestHost, node: P2pNode): Promise<void> {
  const address = multiaddr(await node.address());
  nameAddresses(host, [address]);
  await host.dial(address);
}

/** Whether the node serves a peer that keeps to the protocol. */
async function isServed({ host }: TestHost, node: P2pNode): Promise<boolean> {
  const signal = AbortSignal.timeout(5_000);
  const stream = await host.dialProtocol(multiaddr(await node.address()), HAVE.protocol, { signal });
  return (await ask(stream, HAVE, { documentIds: [DOCUMENT] }, signal)).held.length === 1;
}

async function askForPeers({ host }: TestHost, node: P2pNode): Promise<void> {
  const signal = AbortSignal.timeout(5_000);
  const stream = await host.dialProtocol(multiaddr(await node.address()), PEERS.protocol, { signal });
  await ask(stream, PEERS, { limit: 1 }, signal);
}

/** Starts an uninvolved server that counts the connections to it. */
async function startVictim(host: string): Promise<{ address: string; knocks: () => number }> {
  let knocks = 0;
  const server = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  server.listen(0, host);
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return { address: `/ip4/${host}/tcp/${(server.address() as AddressInfo).port}`, knocks: () => knocks };
}

async function knockOnce(port: number, localAddress: string): Promise<void> {
  const socket: Socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => {}); // it is thrown out, as it should be
  cleanUps.push(() => socket.destroy());
  await once(socket, 'connect').catch(() => {});
}

test('10,000 connections from one address take neither memory nor the port from the others', async () => {
  const node = await startNode();
  const honest = await startHonest(node);
  const port = Number(/tcp\/(\d+)/.exec(await node.address())?.[1]);
  const before = process.memoryUsage().rss;
  for (let n = 0; n < 10_000; n += 50) {
    await Promise.all(Array.from({ length: 50 }, () => knockOnce(port, '127.0.0.66')));
    if (n % 2_500 === 0) expect(await isServed(honest, node)).toBe(true);
  }
  expect(await isServed(await startHonest(node), node)).toBe(true); // a new one is accepted as well
  const refused = async (reason: string) => node.metric('allibrary_refused_connections_total', reason);
  const all = (await refused('too-often')) + (await refused('too-many-handshakes'));
  expect(all).toBeGreaterThan(1_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * MIB); // the 10,000 sockets of the test itself count too
});

test('half-open handshakes of many addresses lock nobody out, and are counted', async () => {
  const node = await startNode();
  const port = Number(/tcp\/(\d+)/.exec(await node.address())?.[1]);
  const crowd = Array.from({ length: 80 }, (_, n) => `127.0.${90 + (n % 5)}.${1 + (n % 10)}`);
  await Promise.all(crowd.map((address) => knockOnce(port, address)));
  expect(await isServed(await startHonest(node), node)).toBe(true);
  expect(await node.metric('allibrary_refused_connections_total', 'too-many-handshakes')).toBeGreaterThan(0);
});

test('forged address books: a victim is not dialled more often than the limit, whoever names it', async () => {
  const node = await startNode();
  const [one, another] = [await startVictim('127.0.0.77'), await startVictim('127.0.0.78')];
  const record = () => recordNaming([one.address, another.address, one.address.replace(/\d+$/, '9'), another.address]);
  const answered: number[] = [];
  for (let n = 0; n < 12; n++) {
    const teller = await startTeller(async () => {
      answered.push(n);
      return Promise.all(Array.from({ length: MOST_RECORDS }, record));
    });
    cleanUps.push(() => removeTestHost(teller));
    await node.bus.request(ConnectPeer, { multiaddr: String(teller.host.getMultiaddrs()[0]) });
  }
  await eventually(() => new Set(answered).size >= 6); // the others come when the node has less to do
  await eventually(async () => (await node.metric('allibrary_refused_connections_total', 'dials-from-hearsay')) > 50);
  const { perHost } = GATE_LIMITS.unverifiedDials;
  for (const { knocks } of [one, another]) expect(knocks()).toBeLessThanOrEqual(perHost.burst + 2 * perHost.perMinute);
  expect(await isServed(await startHonest(node), node)).toBe(true);
});

test('a peer that passes on forged records is dropped, kept out and counted, and nobody is dialled for it', async () => {
  const node = await startNode();
  const victim = await startVictim('127.0.0.79');
  const teller = await startTeller(async () => {
    const genuine = Buffer.from(await recordNaming([victim.address]), 'base64');
    genuine[genuine.length - 1] = (genuine.at(-1) ?? 0) ^ 1; // the signature's last byte
    return [genuine.toString('base64')];
  });
  cleanUps.push(() => removeTestHost(teller));
  const connect = () => dialNode(teller, node);
  await connect();
  await eventually(async () => (await node.metric('allibrary_peer_offences_total', 'forged-record')) === 1);
  await eventually(async () => (await node.bus.request(ListPeers, {})).items.length === 0);
  expect(await node.metric('allibrary_kept_out_peers')).toBe(1);
  await connect().catch(() => {}); // it may be cut off before or after the dial ends
  await eventually(async () => (await node.metric('allibrary_refused_connections_total', 'kept-out-peer')) > 0);
  expect((await node.bus.request(ListPeers, {})).items).toEqual([]);
  expect(victim.knocks()).toBe(0);
});

test('a peer that asks without end is refused, notified of its ban, and dropped; others are served', async () => {
  const node = await startNode();
  const greedy = await startHonest(node);
  const honest = await startHonest(node);
  await greedy.guard.bans.serve(greedy.host);
  await eventually(
    async () => {
      for (let n = 0; n < 10; n++) await askForPeers(greedy, node).catch(() => {});
      return (await node.metric('allibrary_kept_out_peers')) === 1;
    },
    { timeoutMs: 40_000 },
  );
  expect(await isServed(honest, node)).toBe(true);
  await eventually(() => greedy.guard.bans.current().length > 0);
  await eventually(async () => (await node.bus.request(ListPeers, {})).items.length === 1);
  const peers = (await node.bus.request(ListPeers, {})).items.map(({ peerId }) => peerId);
  expect(peers).toEqual([honest.host.peerId.toString()]);
  expect(await node.metric('allibrary_peer_offences_total', 'too-fast')).toBeGreaterThan(0);
  const [notice, ...others] = greedy.guard.bans.current();
  expect(notice).toMatchObject({ peerId: (await node.status()).peerId, reason: 'too-fast' });
  expect(others).toEqual([]);
});
