import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { addressOf, isSameHost } from './address.ts';

const PEER = '12D3KooWNdo99M3qz7mVgCsn89Uh9V2xztpViKtdvMZ7Dv1fsexq';
const parse = (text: string) => addressOf(multiaddr(text));

test('every address is of one kind', () => {
  const kinds = ['/ip4/127.0.0.1', '/dns4/127.0.0.1', '/dns/a.example', '/p2p-circuit', '/unix/tmp', '/memory/1'];
  expect(kinds.map((each) => parse(each).kind)).toEqual(['ip', 'ip', 'dns', 'relayed', 'unsupported', 'unsupported']);
  expect(parse(`/onion3/${'a'.repeat(56)}:1`).kind).toBe('onion');
});

test('the socket of an address is the way to its peer, without the id of the peer', () => {
  expect(parse(`/ip4/192.0.2.1/tcp/1/p2p/${PEER}`)).toEqual({
    kind: 'ip',
    ip: '192.0.2.1',
    socket: '/ip4/192.0.2.1/tcp/1',
  });
  const relay = `/ip4/192.0.2.1/tcp/1/p2p/${PEER}/p2p-circuit`;
  expect(parse(`${relay}/p2p/${PEER}`)).toEqual({ kind: 'relayed', socket: relay });
  expect(parse('/ip6zone/eth0/ip6/fe80::1/tcp/1')).toMatchObject({ kind: 'ip', ip: 'fe80::1' });
});

test('an address is parsed once', () => {
  const address = multiaddr('/dns4/a.example/tcp/1');
  expect(addressOf(address)).toBe(addressOf(address));
});

test('only addresses whose host is known are of one host', () => {
  const same = (one: string, other: string) => isSameHost(parse(one), parse(other));
  expect(same('/ip4/192.0.2.1/tcp/1', '/ip4/192.0.2.1/tcp/2')).toBe(true);
  expect(same('/ip4/192.0.2.1/tcp/1', '/ip4/192.0.2.2/tcp/1')).toBe(false);
  expect(same('/dns/a.example/tcp/1', '/dns/a.example/tcp/2')).toBe(true);
  for (const each of ['/p2p-circuit', `/onion3/${'a'.repeat(56)}:1`, '/unix/tmp']) expect(same(each, each)).toBe(false);
});
