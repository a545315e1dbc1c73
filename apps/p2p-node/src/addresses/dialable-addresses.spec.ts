import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { ADDRESS_SCOPES, type AddressScope } from './address-scope.ts';
import { DialableAddresses } from './dialable-addresses.ts';

const LOOPBACK = multiaddr('/ip4/127.0.0.1/tcp/1');
const LAN = multiaddr('/ip4/192.168.1.7/tcp/1');
const PUBLIC = multiaddr('/ip4/8.8.8.8/tcp/1');
const UNIX = multiaddr('/unix/tmp');
const ALL = [LOOPBACK, LAN, PUBLIC, UNIX];

const permitted = (addresses: DialableAddresses) => ALL.filter((address) => addresses.permits(address));

test('nobody has told anything: only public addresses are dialled', () => {
  expect(permitted(new DialableAddresses())).toEqual([PUBLIC]);
});

test.each<[AddressScope, unknown[]]>([
  ['public', [PUBLIC]],
  ['private', [LAN, PUBLIC]],
  ['loopback', [LOOPBACK, LAN, PUBLIC]],
])('a %s peer teaches what is not nearer than itself', (scope, taught) => {
  const addresses = new DialableAddresses();
  expect(addresses.learn(ALL, scope)).toEqual(taught);
  expect(permitted(addresses)).toEqual(taught);
});

test('what the operator names is dialled, whatever it is, and with any peer id', () => {
  const addresses = new DialableAddresses();
  for (const address of ALL) addresses.name(address);
  expect(permitted(addresses)).toEqual(ALL);
  expect(addresses.permits(LAN.encapsulate('/p2p/12D3KooWNdo99M3qz7mVgCsn89Uh9V2xztpViKtdvMZ7Dv1fsexq'))).toBe(true);
  expect(addresses.permits(multiaddr('/ip4/192.168.1.7/tcp/2'))).toBe(false);
});

test('a flood from the LAN is remembered in bounded memory', () => {
  const addresses = new DialableAddresses();
  for (let n = 0; n < 10_001; n++) addresses.learn([multiaddr(`/ip4/10.0.0.1/tcp/${n + 1}`)], 'private');
  expect(addresses.permits(multiaddr('/ip4/10.0.0.1/tcp/1'))).toBe(false);
  expect(addresses.permits(multiaddr('/ip4/10.0.0.1/tcp/10001'))).toBe(true);
});

test.each<[AddressScope, string[]]>([
  ['public', ['8.8.8.8']],
  ['private', ['192.168.1.7', '8.8.8.8']],
  ['loopback', ['127.0.0.1', '192.168.1.7', '8.8.8.8']],
])('a name that a %s peer told leads to nothing nearer than that peer', (scope, led) => {
  const addresses = new DialableAddresses();
  addresses.learn([multiaddr('/dns4/library.example/tcp/1')], scope);
  const ips = ['127.0.0.1', '192.168.1.7', '8.8.8.8'];
  expect(ips.filter((ip) => addresses.permitsResolved('library.example', ip))).toEqual(led);
});

test('a name that the operator gave leads anywhere, and its peer counts as near as it is', () => {
  const addresses = new DialableAddresses();
  const nas = multiaddr('/dns4/nas/tcp/1');
  addresses.name(nas);
  expect(addresses.permits(nas)).toBe(true);
  expect(addresses.scopeOfPeer(nas)).toBe('public'); // it was never dialled
  expect(addresses.permitsResolved('nas', '192.168.1.7')).toBe(true);
  expect(addresses.scopeOfPeer(nas)).toBe('private');
});

test('a peer without an IP address counts as public', () => {
  const addresses = new DialableAddresses();
  expect(addresses.scopeOfPeer(UNIX)).toBe('public');
  expect(ADDRESS_SCOPES.map((_, at) => addresses.scopeOfPeer(ALL[at] as typeof UNIX))).toEqual(ADDRESS_SCOPES);
});
