// Real: p2p-node's whole module, each node with a nats-server of its own, libp2p over loopback. Stand in: transfer, indexer.
import { ConnectPeer, DisconnectPeer, ListPeers } from '@allibrary/contracts';
import { eventually } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { type P2pNode, startP2pNode } from '../testing/p2p-fixture.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function start(bootstrap: P2pNode[] = []): Promise<P2pNode> {
  const node = await startP2pNode(await Promise.all(bootstrap.map((each) => each.address())));
  cleanUps.push(() => node.stop());
  return node;
}

const peerIdOf = async (node: P2pNode) => (await node.status()).peerId;
const peersOf = async ({ bus }: P2pNode) => (await bus.request(ListPeers, {})).items.map(({ peerId }) => peerId);
const areConnected = async (a: P2pNode, b: P2pNode) => (await peersOf(a)).includes(await peerIdOf(b));

test('two nodes that know nobody but a third one meet each other, and keep each other when it has gone', async () => {
  const middle = await startP2pNode();
  const first = await start([middle]);
  await eventually(() => areConnected(first, middle));
  const second = await start([middle]);
  await eventually(() => areConnected(first, second));
  await middle.stop();
  await first.restart(); // its bootstrap peer is no more
  await eventually(() => areConnected(first, second));
});

test('a peer that the owner denies is cut off and stays out, until the owner thinks otherwise', async () => {
  const [own, other] = [await start(), await start()];
  const connect = async () => other.bus.request(ConnectPeer, { multiaddr: await own.address() });
  await connect();
  await eventually(() => areConnected(own, other));

  await own.want({ deniedPeers: [await peerIdOf(other)] });
  await eventually(async () => !(await areConnected(own, other)));
  await expect(connect()).rejects.toThrow("can't be reached");
  expect(await own.metric('allibrary_refused_connections_total', 'denied-peer')).toBeGreaterThan(0);

  await own.want({});
  await eventually(() => areConnected(own, other)); // each keeps whom it has met
});

test('addresses that the owner denies are cut off, stay out and are not dialled', async () => {
  const [own, other] = [await start(), await start()];
  await own.bus.request(ConnectPeer, { multiaddr: await other.address() });
  await own.want({ deniedAddresses: ['127.0.0.0/8'] });
  await eventually(async () => !(await areConnected(own, other)));
  const dial = async () => own.bus.request(ConnectPeer, { multiaddr: await other.address() });
  await expect(dial()).rejects.toThrow("can't be reached");
  await expect(other.bus.request(ConnectPeer, { multiaddr: await own.address() })).rejects.toThrow("can't be reached");
});

test('a bootstrap peer that the owner names later is met', async () => {
  const [own, other] = [await start(), await start()];
  await own.want({ bootstrap: [await other.address()] });
  await eventually(() => areConnected(own, other));
});

test('a peer that the user parts from is gone, and it can be met again', async () => {
  const [own, other] = [await start(), await start()];
  const peerId = await peerIdOf(other);
  await expect(own.bus.request(DisconnectPeer, { peerId })).rejects.toThrow('not connected');
  await own.bus.request(ConnectPeer, { multiaddr: await other.address() });
  await own.bus.request(DisconnectPeer, { peerId });
  expect(await areConnected(own, other)).toBe(false);
  await own.bus.request(ConnectPeer, { multiaddr: await other.address() });
  expect(await areConnected(own, other)).toBe(true);
});
