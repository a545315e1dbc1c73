// Stand in: connections, of which the gate sees the remote address and the end.
import { PeersSettings } from '@allibrary/contracts';
import type { MultiaddrConnection, PrivateKey } from '@libp2p/interface';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
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
  inTotal: 6,
  handshakes: { perHolder: 2, perSubnet: 4, inTotal: 6 },
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
  const connected: MultiaddrConnection[] = [];
  const makeRoom = () => {
    const oldest = connected.shift();
    if (oldest) close(oldest);
    return oldest !== undefined;
  };
  const onRefused = (reason: Refusal) => refused.push(reason);
  const gate = new ConnectionGate({ rules, scores, limits: LIMITS, now, onRefused, makeRoom });
  return { gate, scores, refused, connected, wait: (ms: number) => (nowMs += ms) };
}

const connectionFrom = (host: string): MultiaddrConnection => connectionAt(`/ip4/${host}/tcp/1`);
const connectionAt = (address: string): MultiaddrConnection =>
  Object.assign(new EventTarget(), {
    remoteAddr: multiaddr(address),
    abort(this: EventTarget) {
      this.dispatchEvent(new Event('close'));
    },
  }) as unknown as MultiaddrConnection;
const close = (connection: MultiaddrConnection) => connection.dispatchEvent(new Event('close'));

/** Lets one in, with its handshake; answers the connection, or null when it was refused. */
function enter({ gate }: ReturnType<typeof openGate>, host: string, peer = PEER): MultiaddrConnection | null {
  const connection = connectionFrom(host);
  if (gate.denyInboundConnection(connection)) return null;
  if (!gate.denyInboundEncryptedConnection(peer, connection)) {
    gate.denyInboundUpgradedConnection(peer, connection);
    return connection;
  }
  close(connection); // as libp2p does
  return null;
}

const privateKeys = await Promise.all(Array.from({ length: LIMITS.inTotal }, () => generateKeyPair('Ed25519')));

test('the newest handshake is let in: beyond the limit of its address, the oldest of that address is ended', () => {
  const { gate, refused } = openGate();
  const connections = [1, 2, 3].map(() => connectionFrom('192.0.2.1'));
  const ended: number[] = [];
  for (const [n, connection] of connections.entries()) connection.addEventListener('close', () => ended.push(n));
  expect(connections.map(gate.denyInboundConnection)).toEqual([false, false, false]);
  expect([ended, refused]).toEqual([[0], ['too-many-handshakes']]);
});

test('a crowd that holds handshakes open, in one subnet or in many, keeps nobody out', () => {
  const { gate, refused } = openGate();
  const ended: string[] = [];
  const begin = (host: string) => {
    const connection = connectionFrom(host);
    connection.addEventListener('close', () => ended.push(host));
    return !gate.denyInboundConnection(connection);
  };
  const crowd = [1, 2, 1, 2, 3, 4].map((n) => `192.0.2.${n}`);
  expect(crowd.map(begin)).not.toContain(false);
  expect(ended).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(['198.51.100.1', '203.0.113.1', '203.0.114.1'].map(begin)).not.toContain(false);
  expect(ended).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.1']);
  expect(refused).toEqual(ended.map(() => 'too-many-handshakes'));
});

test('a handshake is over when its connection is multiplexed, and no longer counts', () => {
  const { gate, refused } = openGate();
  for (let n = 0; n < 3; n++) {
    const connection = connectionFrom('192.0.2.1');
    expect(gate.denyInboundConnection(connection)).toBe(false);
    gate.denyInboundUpgradedConnection(PEER, connection);
  }
  expect(refused).toEqual([]);
});

test('in total there are so many connections; one more takes the place of the one that is missed least', () => {
  const house = openGate();
  const peers = Array.from({ length: LIMITS.inTotal }, (_, n) => peerIdFromPrivateKey(privateKeys[n] as PrivateKey));
  for (const [n, peer] of peers.entries())
    house.connected.push(enter(house, `192.0.${n}.1`, peer) as MultiaddrConnection);
  expect(enter(house, '198.51.100.1')).not.toBeNull();
  expect(house.connected).toHaveLength(LIMITS.inTotal - 1);
  house.connected.length = 0;
  expect(enter(house, '198.51.100.2')).toBeNull();
  expect(house.refused).toEqual(['too-many-in-total']);
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
  expect(connections.map(gate.denyInboundConnection)).toEqual([false, false, false]);
  expect(refused).toEqual(['too-many-handshakes']); // the first one was ended
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
