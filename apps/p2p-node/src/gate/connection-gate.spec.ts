// Stand in: connections with a remote address and an end, which is all that the gate uses.
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

/** Opens a connection with its handshake; returns it, or null when it was refused. */
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

test('the newest handshake is accepted: beyond the limit of its address, the oldest one of that address is aborted', () => {
  const { gate, refused } = openGate();
  const connections = [1, 2, 3].map(() => connectionFrom('192.0.2.1'));
  const ended: number[] = [];
  for (const [n, connection] of connections.entries()) connection.addEventListener('close', () => ended.push(n));
  expect(connections.map(gate.denyInboundConnection)).toEqual([false, false, false]);
  expect([ended, refused]).toEqual([[0], ['too-many-handshakes']]);
});

test('open handshakes of many addresses, in one subnet or in many, lock nobody out', () => {
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

test('a handshake is complete when its connection is multiplexed, and no longer counts', () => {
  const { gate, refused } = openGate();
  for (let n = 0; n < 3; n++) {
    const connection = connectionFrom('192.0.2.1');
    expect(gate.denyInboundConnection(connection)).toBe(false);
    gate.denyInboundUpgradedConnection(PEER, connection);
  }
  expect(refused).toEqual([]);
});

test('beyond the total of connections, a new one replaces the least missed one', () => {
  const gated = openGate();
  const peers = Array.from({ length: LIMITS.inTotal }, (_, n) => peerIdFromPrivateKey(privateKeys[n] as PrivateKey));
  for (const [n, peer] of peers.entries())
    gated.connected.push(enter(gated, `192.0.${n}.1`, peer) as MultiaddrConnection);
  expect(enter(gated, '198.51.100.1')).not.toBeNull();
  expect(gated.connected).toHaveLength(LIMITS.inTotal - 1);
  gated.connected.length = 0;
  expect(enter(gated, '198.51.100.2')).toBeNull();
  expect(gated.refused).toEqual(['too-many-in-total']);
});

test('connections of one address, one subnet and one peer are limited, and ended ones make room', () => {
  const gated = openGate({ allowedPeers: [PEER.toString()] });
  const open = ['192.0.2.1', '192.0.2.1', '192.0.2.1'].map((host) => enter(gated, host));
  expect(open.every((connection) => connection !== null)).toBe(true);
  expect(enter(gated, '192.0.2.1')).toBeNull();
  expect([enter(gated, '192.0.2.2'), enter(gated, '192.0.2.3')].includes(null)).toBe(false);
  expect(enter(gated, '192.0.2.4')).toBeNull();
  expect(enter(gated, '198.51.100.1')).not.toBeNull();
  expect(gated.refused).toEqual(['too-many-of-address', 'too-many-of-subnet']);
  if (open[0]) close(open[0]);
  expect(enter(gated, '192.0.2.1')).not.toBeNull();

  const strict = openGate();
  const ofPeer = ['192.0.2.1', '198.51.100.1', '203.0.114.1'].map((host) => enter(strict, host));
  expect(ofPeer.map((connection) => connection !== null)).toEqual([true, true, false]);
  expect(strict.refused).toEqual(['too-many-of-peer']);
  if (ofPeer[0]) close(ofPeer[0]);
  expect(enter(strict, '203.0.114.1')).not.toBeNull();
});

test('an address that connects too often has to wait', () => {
  const gated = openGate();
  const comeAndGo = () => {
    const connection = enter(gated, '192.0.2.1');
    if (connection) close(connection);
    return connection !== null;
  };
  expect(Array.from({ length: 21 }, comeAndGo).lastIndexOf(true)).toBe(19);
  expect(gated.refused).toEqual(['too-often']);
  gated.wait(1_000);
  expect(comeAndGo()).toBe(true);
});

test('a banned peer is neither accepted nor dialled, unless the owner allows it', () => {
  for (const [settings, isOut] of [
    [{}, true],
    [{ allowedPeers: [PEER.toString()] }, false],
    [{ protectedPeers: [PEER.toString()] }, false],
  ] as const) {
    const gated = openGate(settings);
    gated.scores.add(PEER.toString(), 'forged-record');
    expect(enter(gated, '192.0.2.1') === null).toBe(isOut);
    expect(gated.gate.denyDialPeer(PEER)).toBe(isOut);
    expect(gated.gate.denyOutboundEncryptedConnection(PEER, connectionFrom('192.0.2.1'))).toBe(isOut);
  }
});

test('dials of unverified addresses are limited; those of proven addresses are not', () => {
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

test('an address outside the scope of its source is not dialled, nor one without a host, even where the owner lifts limits', () => {
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

test('a host name resolves neither to an address out of scope nor to one that the owner denies', () => {
  const { gate, refused } = openGate({ deniedAddresses: ['203.0.114.7'] });
  gate.addresses.learn([multiaddr('/dns4/library.example/tcp/1')], 'public');
  const led = ['127.0.0.1', '10.0.0.1', '203.0.114.7', '203.0.114.8'];
  expect(led.filter((ip) => gate.permitsResolved('library.example', ip))).toEqual(['203.0.114.8']);
  expect(refused).toEqual(['out-of-scope', 'out-of-scope', 'denied-address']);
});

test('addresses that the owner allows have no limits', () => {
  const gated = openGate({ allowedAddresses: ['192.0.2.0/24'], allowedPeers: [PEER.toString()] });
  expect(Array.from({ length: 50 }, () => enter(gated, '192.0.2.1')).includes(null)).toBe(false);
});

test.each([
  `/ip4/192.0.2.1/tcp/1/p2p/${PEER.toString()}/p2p-circuit`,
  `/onion3/${'a'.repeat(56)}:1`,
  '/dns/a.example/tcp/1',
])('connections without an IP address are limited: those from %s share the limits of one host', (address) => {
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

test('a connection from an address of an unsupported kind is refused', () => {
  const { gate, refused } = openGate();
  expect(gate.denyInboundConnection(connectionAt('/unix/run'))).toBe(true);
  expect(refused).toEqual(['out-of-scope']);
});

test('a closed gate refuses every connection', () => {
  const { gate } = openGate({ allowedAddresses: ['192.0.2.0/24'] });
  gate.close();
  expect(gate.denyInboundConnection(connectionFrom('192.0.2.1'))).toBe(true);
});
