import { isIP } from 'node:net';
import { isPrivateIp } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import ipaddr from 'ipaddr.js';
import { addressOf } from './address.ts';

/** How far an address reaches, nearest first. */
export const ADDRESS_SCOPES = ['loopback', 'private', 'public'] as const;

/** Where an address can be reached: on this machine, on this LAN, anywhere. */
export type AddressScope = (typeof ADDRESS_SCOPES)[number];

/** Top-level names that never exist on the public internet (RFC 6761, 6762, 8375, and names of common routers). */
const LOCAL_NAME = /(^|\.)(localhost|local|lan|internal|home\.arpa|localdomain)\.?$/i;

/**
 * Scope of an address; null when it has none: this node can neither dial nor offer a relayed or onion address. A host name
 * is judged by its name here, and by what it resolves to when it is dialled.
 */
export function scopeOf(multiaddr: Multiaddr): AddressScope | null {
  const address = addressOf(multiaddr);
  switch (address.kind) {
    case 'ip':
      return scopeOfIp(address.ip);
    case 'dns':
      return address.host.includes('.') && !LOCAL_NAME.test(address.host) ? 'public' : 'private';
    case 'relayed':
    case 'onion':
    case 'unsupported':
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

/** Whether an address may be sent to, or accepted from, a peer of this scope: nothing nearer than the peer itself. */
export function isWithin(address: Multiaddr, scope: AddressScope): boolean {
  const own = scopeOf(address);
  return own !== null && ADDRESS_SCOPES.indexOf(own) >= ADDRESS_SCOPES.indexOf(scope);
}

/** The scope of the two that reaches farther. */
export const farther = (a: AddressScope, b: AddressScope): AddressScope =>
  ADDRESS_SCOPES.indexOf(a) >= ADDRESS_SCOPES.indexOf(b) ? a : b;

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
