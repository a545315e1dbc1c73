import { isIP } from 'node:net';
import { isPrivateIp, tryGetNetConfig } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import ipaddr from 'ipaddr.js';

/** How far an address reaches, nearest first. */
export const ADDRESS_SCOPES = ['loopback', 'private', 'public'] as const;

/** Where an address can be reached: on this machine, on this LAN, anywhere. */
export type AddressScope = (typeof ADDRESS_SCOPES)[number];

/** What an address is made of. Only `ip` and `dns` are dialled. */
export type AddressKind = 'ip' | 'dns' | 'relayed' | 'onion' | 'other';

/** Top-level names that never exist on the public internet (RFC 6761, 6762, 8375, and names of common routers). */
const LOCAL_NAME = /(^|\.)(localhost|local|lan|internal|home\.arpa|localdomain)\.?$/i;

export function kindOf(address: Multiaddr): AddressKind {
  const names = address.getComponents().map(({ name }) => name);
  if (names.includes('p2p-circuit')) return 'relayed';
  if (names.some((name) => name.startsWith('onion'))) return 'onion';
  const host = hostOf(address);
  if (host === null) return 'other';
  return isIP(withoutZone(host)) > 0 ? 'ip' : 'dns'; // /dns4/127.0.0.1 is an IP address, whatever it is called
}

/**
 * Scope of an address; null when it is neither an IP address nor a host name. A relayed or onion address has no scope:
 * this node can neither dial nor offer one. Of a host name only the name is judged here, what it resolves to when it is
 * dialled.
 */
export function scopeOf(address: Multiaddr): AddressScope | null {
  const host = hostOf(address) ?? '';
  switch (kindOf(address)) {
    case 'ip':
      return scopeOfIp(host);
    case 'dns':
      return host.includes('.') && !LOCAL_NAME.test(host) ? 'public' : 'private';
    case 'relayed':
    case 'onion':
    case 'other':
      return null;
  }
}

/** Scope of an IP address. The unspecified address counts as loopback, because connecting to it reaches this machine. */
export function scopeOfIp(host: string): AddressScope {
  const address = embeddedIpv4(ipaddr.parse(withoutZone(host)));
  const range = address.range();
  if (range === 'loopback' || range === 'unspecified') return 'loopback';
  return range === 'unicast' && isPrivateIp(address.toString()) !== true ? 'public' : 'private';
}

/** Whether an address may be told to, or accepted from, a peer at this distance: nothing nearer than the peer itself. */
export function isWithin(address: Multiaddr, scope: AddressScope): boolean {
  const own = scopeOf(address);
  return own !== null && ADDRESS_SCOPES.indexOf(own) >= ADDRESS_SCOPES.indexOf(scope);
}

/** The scope of the two that reaches farther. */
export const farther = (a: AddressScope, b: AddressScope): AddressScope =>
  ADDRESS_SCOPES.indexOf(a) >= ADDRESS_SCOPES.indexOf(b) ? a : b;

/** Host part of an address; null when it has none. */
export const hostOf = (address: Multiaddr): string | null => tryGetNetConfig(address)?.host ?? null;

/** Transport part of an address, without the peer id. */
export const socketOf = (address: Multiaddr): string => address.toString().replace(/\/p2p\/.*$/, '');

/** Key of the addresses that one customer usually has: an IPv4 address or an IPv6 /64. */
export const neighbourOf = (host: string): string => (isIP(host) === 6 ? groupsOf(host, 4) : host);

/** Key of a subnet: an IPv4 /24 or an IPv6 /48. */
export const subnetOf = (host: string): string =>
  isIP(host) === 6 ? groupsOf(host, 3) : host.split('.').slice(0, 3).join('.');

function groupsOf(address: string, count: number): string {
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after]
    .slice(0, count)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

const withoutZone = (host: string): string => host.replace(/%.*$/, '');

/** Ranges of IPv6 addresses that end in an IPv4 address. */
const IPV4_LAST: ReadonlySet<string> = new Set(['ipv4Mapped', 'rfc6052', 'rfc6145']);

/** The IPv4 address to which a mapped, translated (NAT64) or 6to4 address leads. */
function embeddedIpv4(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6));
  return IPV4_LAST.has(range) ? new ipaddr.IPv4(bytes.slice(12)) : address;
}
