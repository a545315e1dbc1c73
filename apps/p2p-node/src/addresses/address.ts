import { isIP } from 'node:net';
import { tryGetNetConfig } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';

interface Transportable {
  /** The multiaddr without the id of the peer at its end. */
  readonly socket: string;
}

/** What an address leads to. Every decision about addresses is a switch over the kind: no kind is without a rule. */
export type Address = Transportable &
  (
    | { readonly kind: 'ip'; readonly ip: string }
    | { readonly kind: 'dns'; readonly host: string }
    /** Through another peer. */
    | { readonly kind: 'relayed' }
    | { readonly kind: 'onion' }
    /** Anything else, such as a Unix socket: used only when the operator names it. */
    | { readonly kind: 'unsupported' }
  );

const parsed = new WeakMap<Multiaddr, Address>();

/** Parses an address, once for each multiaddr. */
export function addressOf(address: Multiaddr): Address {
  const known = parsed.get(address);
  if (known) return known;
  const result = parse(address);
  parsed.set(address, result);
  return result;
}

function parse(address: Multiaddr): Address {
  const text = address.toString();
  const names = address.getComponents().map(({ name }) => name);
  // The relay's own id is part of the way.
  if (names.includes('p2p-circuit')) return { kind: 'relayed', socket: text.replace(/(\/p2p-circuit).*$/, '$1') };
  const socket = text.replace(/\/p2p\/.*$/, '');
  if (names.some((name) => name.startsWith('onion'))) return { kind: 'onion', socket };
  const host = tryGetNetConfig(address)?.host;
  if (host === undefined) return { kind: 'unsupported', socket };
  const ip = host.replace(/%.*$/, ''); // without the zone
  return isIP(ip) > 0 ? { kind: 'ip', ip, socket } : { kind: 'dns', host, socket }; // /dns4/127.0.0.1 is an IP address
}

/** Whether both lead to one host. Whether two relayed or onion addresses do is unknown. */
export function isSameHost(one: Address, other: Address): boolean {
  switch (one.kind) {
    case 'ip':
      return other.kind === 'ip' && one.ip === other.ip;
    case 'dns':
      return other.kind === 'dns' && one.host === other.host;
    case 'relayed':
    case 'onion':
    case 'unsupported':
      return false;
  }
}
