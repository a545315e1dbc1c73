import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { neighbourOf, reaches, scopeOf, subnetOf } from './address-scope.ts';

const LOOPBACK = '/ip4/127.0.0.1/tcp/1';
const LAN = '/ip4/192.168.1.7/tcp/1';
const FAR = '/ip4/203.0.114.7/tcp/1';

test.each([
  [LOOPBACK, 'loopback'],
  ['/ip6/::1/tcp/1', 'loopback'],
  [LAN, 'private'],
  ['/ip4/10.0.0.1/tcp/1', 'private'],
  [FAR, 'public'],
  ['/dns4/library.example/tcp/1', 'public'],
  ['/unix/tmp', null],
])('%s is %s', (address, scope) => {
  expect(scopeOf(multiaddr(address))).toBe(scope);
});

test.each([
  [LOOPBACK, LOOPBACK, true],
  [LOOPBACK, LAN, false],
  [LOOPBACK, FAR, false],
  [LAN, LOOPBACK, true],
  [LAN, LAN, true],
  [LAN, FAR, false],
  [FAR, LOOPBACK, true],
  [FAR, LAN, true],
  [FAR, FAR, true],
])('%s told by %s counts: %s', (address, teller, counts) => {
  expect(reaches(multiaddr(address), multiaddr(teller))).toBe(counts);
});

test('an IPv6 /64 counts as one neighbour, and its /48 as one subnet, however they are written', () => {
  expect(neighbourOf('2001:db8:1:2::7')).toBe(neighbourOf('2001:0db8:0001:2:ffff::1'));
  expect(neighbourOf('2001:db8:1:2::7')).not.toBe(neighbourOf('2001:db8:1:3::7'));
  expect(subnetOf('2001:db8:1:2::7')).toBe(subnetOf('2001:db8:1:3::7'));
  expect(subnetOf('203.0.114.7')).toBe(subnetOf('203.0.114.250'));
  expect(subnetOf('203.0.114.7')).not.toBe(subnetOf('203.0.115.7'));
  expect(neighbourOf('203.0.114.7')).toBe('203.0.114.7');
});
