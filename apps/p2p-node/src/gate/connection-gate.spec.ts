// Stand in: connections, of which the gate sees the remote address and the end.
import { PeersSettings } from '@allibrary/contracts';
import type { MultiaddrConnection } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { ConnectionGate, type GateLimits, type Refusal } from './connection-gate.ts';
import { PeerScores } from './peer-scores.ts';
import { PeerRules } from './peer-rules.ts';

const PEER = peerIdFromString('12D3KooWNdo99M3qz7mVgCsn89Uh9V2xztpViKtdvMZ7Dv1fsexq');
const LIMITS: GateLimits = {
  perAddress: 3,
  perSubnet: 5,
  perPeer: 2,
  handshakesPerAddress: 2,
  newPerAddress: { burst: 20, perMinute: 60 },
  unverifiedDials: { perHost: { burst: 2, perMinute: 1 }, inTotal: { burst: 5, perMinute: 1 } },
};

function openGate(settings: object = {}) {
  const refused: Refusal[] = [];
  let nowMs = 0;
  const now = () => nowMs;
  const rules = new PeerRules();
  rules.follow(PeersSettings.schema.parse(settings));
  const scores = new PeerScores(now);
  const gate = new ConnectionGate({ rules, scores, limits: LIMITS, now, onRefused: (reason) => refused.push(reason) });
  return { gate, scores, refused, wait: (ms: number) => (nowMs += ms) };
}

const connectionFrom = (host: string): MultiaddrConnection => connectionAt(`/ip4/${host}/tcp/1`);
const connectionAt = (address: string): MultiaddrConnection =>
  Object.assign(new EventTarget(), { remoteAddr: multiaddr(address) }) as unknown as MultiaddrConnection;
const close = (connection: MultiaddrConnection) => connection.dispatchEvent(new Event('close'));

/** Lets one in, with its handshake; answers the connection, or null when it was refused. */
function enter({ gate }: ReturnType<typeof openGate>, host: string, peer = PEER): MultiaddrConnection | null {
  const connection = connectionFrom(host);
  if (gate.denyInboundConnection(connection)) return null;
  if (!gate.denyInboundEncryptedConnection(peer, connection)) return connection;
  close(connection); // as libp2p does
  return null;
}

test('one address has so many handshakes at once, and more when they are over', () => {
  const { gate, refused } = openGate();
  const [first, second, third] = [1, 2, 3].map(() => connectionFrom('192.0.2.1')) as [
    MultiaddrConnection,
    MultiaddrConnection,
    MultiaddrConnection,
  ];
  expect([first, second, third].map(gate.denyInboundConnection)).toEqual([false, false, true]);
  expect(refused).toEqual(['too-many-handshakes']);
  gate.denyInboundEncryptedConnection(PEER, first);
  close(second);
  expect(gate.denyInboundConnection(third)).toBe(false);
});

test('one address, one subnet and one peer have so many connections, and new ones when they end', () => {
  const house = openGate({ allowedPeers: [PEER.toString()] });
  const open = ['192.0.2.1', '192.0.2.1', '192.0.2.1'].map((host) => enter(house, host));
  expect(open.every((connection) => connection !== null)).toBe(true);
  expect(enter(house, '192.0.2.1')).toBeNull();
  expect([enter(house, '192.0.2.2'), enter(house, '192.0.2.3')].includes(null)).toBe(false);
  expect(enter(house, '192.0.2.4')).toBeNull();
  expect(enter(house, '198.51.100.1')).not.toBeNull();
  expect(house.refused).toEqual(['too-many-of-address', 'too-many-of-subnet']);
  if (open[0]) close(open[0]);
  expect(enter(house, '192.0.2.1')).not.toBeNull();

  const strict = openGate();
  const ofPeer = ['192.0.2.1', '198.51.100.1', '203.0.114.1'].map((host) => enter(strict, host));
  expect(ofPeer.map((connection) => connection !== null)).toEqual([true, true, false]);
  expect(strict.refused).toEqual(['too-many-of-peer']);
  if (ofPeer[0]) close(ofPeer[0]);
  expect(enter(strict, '203.0.114.1')).not.toBeNull();
});

test('an address that comes again and again has to wait', () => {
  const house = openGate();
  const comeAndGo = () => {
    const connection = enter(house, '192.0.2.1');
    if (connection) close(connection);
    return connection !== null;
  };
  expect(Array.from({ length: 21 }, comeAndGo).lastIndexOf(true)).toBe(19);
  expect(house.refused).toEqual(['too-often']);
  house.wait(1_000);
  expect(comeAndGo()).toBe(true);
});

test('who is kept out is neither let in nor dialled; whom the owner allows is', () => {
  for (const [settings, isOut] of [
    [{}, true],
    [{ allowedPeers: [PEER.toString()] }, false],
    [{ protectedPeers: [PEER.toString()] }, false],
  ] as const) {
    const house = openGate(settings);
    house.scores.add(PEER.toString(), 'forged-record');
    expect(enter(house, '192.0.2.1') === null).toBe(isOut);
    expect(house.gate.denyDialPeer(PEER)).toBe(isOut);
    expect(house.gate.denyOutboundEncryptedConnection(PEER, connectionFrom('192.0.2.1'))).toBe(isOut);
  }
});

test('hearsay is dialled so often; what has answered, or comes from the owner, is dialled as often as need be', () => {
  const { gate, refused, wait } = openGate();
  const dial = (host: string, port: number) => !gate.denyDialMultiaddr(multiaddr(`/ip4/${host}/tcp/${port}`));
  expect([1, 2, 3].map((port) => dial('203.0.114.1', port))).toEqual([true, true, false]);
  expect(refused).toEqual(['dials-from-hearsay']);
  gate.prove(multiaddr(`/ip4/203.0.114.1/tcp/3/p2p/${PEER.toString()}`));
  expect([3, 3, 3, 4].map((port) => dial('203.0.114.1', port))).toEqual([true, true, true, false]);
  expect([2, 3, 4, 5].map((host) => dial(`203.0.114.${host}`, 1))).toEqual([true, true, true, false]);
  wait(60_000);
  expect(dial('203.0.114.1', 4)).toBe(true);
});

test('an address nearer than whoever told it is not dialled, nor one without a host, also where limits do not hold', () => {
  const { gate, refused } = openGate({ allowedAddresses: ['192.168.0.0/16'] });
  const near = ['/ip4/127.0.0.1/tcp/1', '/ip4/192.168.1.7/tcp/1', '/unix/run', '/dns4/nas/tcp/1'].map((each) =>
    multiaddr(each),
  );
  expect(near.map(gate.denyDialMultiaddr)).toEqual([true, true, true, true]);
  expect(refused).toEqual(Array.from(near, () => 'out-of-scope'));
  gate.addresses.learn(near, 'private');
  expect(near.map(gate.denyDialMultiaddr)).toEqual([true, false, true, false]);
  for (const address of near) gate.name(address);
  expect(near.map(gate.denyDialMultiaddr)).toEqual([false, false, false, false]);
});

test('a host name leads neither to an address out of scope nor to one that the owner denies', () => {
  const { gate, refused } = openGate({ deniedAddresses: ['203.0.114.7'] });
  gate.addresses.learn([multiaddr('/dns4/library.example/tcp/1')], 'public');
  const led = ['127.0.0.1', '10.0.0.1', '203.0.114.7', '203.0.114.8'];
  expect(led.filter((ip) => gate.permitsResolved('library.example', ip))).toEqual(['203.0.114.8']);
  expect(refused).toEqual(['out-of-scope', 'out-of-scope', 'denied-address']);
});

test('limits do not hold for the addresses that the owner allows', () => {
  const house = openGate({ allowedAddresses: ['192.0.2.0/24'], allowedPeers: [PEER.toString()] });
  expect(Array.from({ length: 50 }, () => enter(house, '192.0.2.1')).includes(null)).toBe(false);
});

test.each([
  `/ip4/192.0.2.1/tcp/1/p2p/${PEER.toString()}/p2p-circuit`,
  `/onion3/${'a'.repeat(56)}:1`,
  '/dns/a.example/tcp/1',
])('a connection without an IP address is counted: those from %s share what one host may have', (address) => {
  const { gate, refused } = openGate();
  const connections = [1, 2, 3].map(() => connectionAt(address));
  expect(connections.map(gate.denyInboundConnection)).toEqual([false, false, true]);
  expect(refused).toEqual(['too-many-handshakes']);
  for (const connection of connections) close(connection);
  const comeAndGo = () => {
    const connection = connectionAt(address);
    const isDenied = gate.denyInboundConnection(connection);
    close(connection);
    return isDenied;
  };
  expect(Array.from({ length: 21 }, comeAndGo).at(-1)).toBe(true);
  expect(refused.at(-1)).toBe('too-often');
});

test('a connection from an address of an unsupported kind is not let in', () => {
  const { gate, refused } = openGate();
  expect(gate.denyInboundConnection(connectionAt('/unix/run'))).toBe(true);
  expect(refused).toEqual(['out-of-scope']);
});

test('a gate that is closed lets nobody in', () => {
  const { gate } = openGate({ allowedAddresses: ['192.0.2.0/24'] });
  gate.close();
  expect(gate.denyInboundConnection(connectionFrom('192.0.2.1'))).toBe(true);
});
