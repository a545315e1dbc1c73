import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { type AddressScope, isWithin, neighbourOf, scopeOf, subnetOf } from './address-scope.ts';

const LOOPBACK = '/ip4/127.0.0.1/tcp/1';
const LAN = '/ip4/192.168.1.7/tcp/1';
const FAR = '/ip4/203.0.114.7/tcp/1';

test.each([
  [LOOPBACK, 'loopback'],
  ['/ip6/::1/tcp/1', 'loopback'],
  ['/ip4/127.200.0.9/tcp/1', 'loopback'],
  ['/ip4/0.0.0.0/tcp/1', 'loopback'], // a connection to it reaches this machine
  ['/ip6/::/tcp/1', 'loopback'],
  ['/ip6/::ffff:127.0.0.1/tcp/1', 'loopback'],
  ['/ip6/64:ff9b::7f00:1/tcp/1', 'loopback'],
  ['/ip6/2002:7f00:1::1/tcp/1', 'loopback'],
  ['/dns4/127.0.0.1/tcp/1', 'loopback'],
  [LAN, 'private'],
  ['/ip4/10.0.0.1/tcp/1', 'private'],
  ['/ip4/172.31.0.1/tcp/1', 'private'],
  ['/ip4/169.254.169.254/tcp/80', 'private'],
  ['/ip4/100.64.0.1/tcp/1', 'private'],
  ['/ip4/198.18.0.1/tcp/1', 'private'],
  ['/ip4/224.0.0.1/tcp/1', 'private'],
  ['/ip4/255.255.255.255/tcp/1', 'private'],
  ['/ip6/fe80::1/tcp/1', 'private'],
  ['/ip6zone/eth0/ip6/fe80::1/tcp/1', 'private'],
  ['/ip6/fd00::1/tcp/1', 'private'],
  ['/ip6/ff02::1/tcp/1', 'private'],
  ['/ip6/::ffff:192.168.1.1/tcp/1', 'private'],
  ['/ip6/64:ff9b::c0a8:101/tcp/1', 'private'],
  ['/ip6/2002:c0a8:101::1/tcp/1', 'private'],
  ['/dns4/localhost/tcp/1', 'private'],
  ['/dns4/nas/tcp/1', 'private'],
  ['/dns/printer.local/tcp/1', 'private'],
  ['/dns6/router.home.arpa/tcp/1', 'private'],
  [FAR, 'public'],
  ['/ip6/2600::1/tcp/1', 'public'],
  ['/ip6/::ffff:8.8.8.8/tcp/1', 'public'],
  ['/dns4/library.example/tcp/1', 'public'],
  ['/unix/tmp', null],
  [`${FAR}/p2p/12D3KooWNdo99M3qz7mVgCsn89Uh9V2xztpViKtdvMZ7Dv1fsexq/p2p-circuit`, null],
  [`/onion3/${'a'.repeat(56)}:1`, null],
])('%s is %s', (address, scope) => {
  expect(scopeOf(multiaddr(address))).toBe(scope);
});

test.each<[string, AddressScope, boolean]>([
  [LOOPBACK, 'loopback', true],
  [LOOPBACK, 'private', false],
  [LOOPBACK, 'public', false],
  [LAN, 'loopback', true],
  [LAN, 'private', true],
  [LAN, 'public', false],
  [FAR, 'loopback', true],
  [FAR, 'private', true],
  [FAR, 'public', true],
  ['/unix/tmp', 'loopback', false],
])('%s is within what a peer at %s may tell or learn: %s', (address, scope, within) => {
  expect(isWithin(multiaddr(address), scope)).toBe(within);
});

test('an IPv6 /64 counts as one neighbour, and its /48 as one subnet, however they are written', () => {
  expect(neighbourOf('2001:db8:1:2::7')).toBe(neighbourOf('2001:0db8:0001:2:ffff::1'));
  expect(neighbourOf('2001:db8:1:2::7')).not.toBe(neighbourOf('2001:db8:1:3::7'));
  expect(subnetOf('2001:db8:1:2::7')).toBe(subnetOf('2001:db8:1:3::7'));
  expect(subnetOf('203.0.114.7')).toBe(subnetOf('203.0.114.250'));
  expect(subnetOf('203.0.114.7')).not.toBe(subnetOf('203.0.115.7'));
  expect(neighbourOf('203.0.114.7')).toBe('203.0.114.7');
});
