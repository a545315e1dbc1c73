import type { Multiaddr } from '@multiformats/multiaddr';
import { type Address, addressOf } from '../addresses/address.ts';
import { neighbourOf, subnetOf } from '../addresses/address-scope.ts';

/** The keys under which the limits count an address. */
export interface LimitKeys {
  readonly host: string;
  readonly subnet: string;
}

/** Returns the keys of an address; undefined for one that is never accepted or dialled. */
export function limitKeysOf(address: Address): LimitKeys | undefined {
  switch (address.kind) {
    case 'ip':
      return { host: neighbourOf(address.ip), subnet: subnetOf(address.ip) };
    case 'dns':
      return { host: address.host, subnet: address.host };
    // The host behind these is unknown: all addresses of the kind share the limits of one host.
    case 'relayed':
    case 'onion':
      return { host: address.kind, subnet: address.kind };
    case 'unsupported':
      return undefined;
  }
}

/** Returns the subnet of a connection's remote address; undefined for an address that is never accepted. */
export const subnetKeyOf = (remoteAddr: Multiaddr): string | undefined => limitKeysOf(addressOf(remoteAddr))?.subnet;
