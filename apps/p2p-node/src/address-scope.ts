import { isIP } from 'node:net';
import { isLoopback, isPrivate, tryGetNetConfig } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';

/** How far an address reaches, the nearest first. */
export const ADDRESS_SCOPES = ['loopback', 'private', 'public'] as const;

/** Where an address is meant: on this machine, on this LAN, everywhere. */
export type AddressScope = (typeof ADDRESS_SCOPES)[number];

/** The scope of an address; null when it is no IP address and no name of a host. */
export function scopeOf(address: Multiaddr): AddressScope | null {
  if (!tryGetNetConfig(address)) return null;
  if (isLoopback(address)) return 'loopback';
  return isPrivate(address) ? 'private' : 'public';
}

/**
 * Whether an address is worth anything to whoever is at the other one: who is far away can't mean this node's own LAN
 * or machine, and would have it knock at doors that are hidden from himself.
 */
export function reaches(address: Multiaddr, other: Multiaddr): boolean {
  const [scope, from] = [scopeOf(address), scopeOf(other)];
  return scope !== null && from !== null && ADDRESS_SCOPES.indexOf(scope) >= ADDRESS_SCOPES.indexOf(from);
}

/** The host of an address as text; null when it names none. */
export const hostOf = (address: Multiaddr): string | null => tryGetNetConfig(address)?.host ?? null;

/** The addresses that one customer is usually given, an IPv4 address or an IPv6 /64: they count as one. */
export const neighbourOf = (host: string): string => (isIP(host) === 6 ? groupsOf(host, 4) : host);

/** The addresses that lie close to each other, an IPv4 /24 or an IPv6 /48. */
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
