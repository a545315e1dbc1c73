import type { Multiaddr } from '@multiformats/multiaddr';
import { addressOf } from './address.ts';
import { type AddressScope, farther, isWithin, scopeOf, scopeOfIp } from './address-scope.ts';

const MAX_REMEMBERED = 10_000;

/**
 * The addresses that this node may dial. Public ones always may; a LAN or loopback address only when the operator named
 * it, or a peer that is itself that near sent it. No other source of an address (the DHT, files on disk, a library) gets
 * past this.
 */
export class DialableAddresses {
  readonly #named = new Set<string>();
  readonly #namedHosts = new Set<string>();
  readonly #learned = new RecentMap<true>();
  /** The nearest scope to which a host name may resolve: that of the nearest peer that sent it. */
  readonly #hostScopes = new RecentMap<AddressScope>();
  /** What a host name resolved to when it was dialled last. */
  readonly #resolved = new RecentMap<AddressScope>();

  /** Exempts an address that the operator gave. */
  name(multiaddr: Multiaddr): void {
    const address = addressOf(multiaddr);
    this.#named.add(address.socket);
    if (address.kind === 'dns') this.#namedHosts.add(address.host);
  }

  /** Learns addresses sent by a peer of this scope; returns those within the scope. */
  learn(addresses: readonly Multiaddr[], scope: AddressScope): Multiaddr[] {
    const within = addresses.filter((address) => isWithin(address, scope));
    for (const multiaddr of within) {
      const address = addressOf(multiaddr);
      if (scopeOf(multiaddr) !== 'public') this.#learned.set(address.socket, true);
      if (address.kind === 'dns' && scope !== 'public') this.#hostScopes.set(address.host, scope);
    }
    return within;
  }

  /** Whether this address may be dialled, or kept. */
  permits(address: Multiaddr): boolean {
    const { socket } = addressOf(address);
    return scopeOf(address) === 'public' || this.#named.has(socket) || this.#learned.has(socket);
  }

  /** Whether a host name may lead to this IP address; notes how far away the host is. */
  permitsResolved(host: string, ip: string): boolean {
    const scope = scopeOfIp(ip);
    const nearest = this.#hostScopes.get(host) ?? 'public';
    if (!this.#namedHosts.has(host) && farther(scope, nearest) !== scope) return false;
    this.#resolved.set(host, scope);
    return true;
  }

  /** How far away the peer at the other end of a connection is; unknown counts as public. */
  scopeOfPeer(remote: Multiaddr): AddressScope {
    const address = addressOf(remote);
    switch (address.kind) {
      case 'ip':
        return scopeOfIp(address.ip);
      case 'dns':
        return this.#resolved.get(address.host) ?? 'public';
      case 'relayed':
      case 'onion':
      case 'unsupported':
        return 'public'; // nobody is nearer than that unless it is certain
    }
  }
}

/** A map that forgets the entries written longest ago. */
class RecentMap<V> {
  readonly #values = new Map<string, V>();

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  set(key: string, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > MAX_REMEMBERED) this.#values.delete(this.#values.keys().next().value as string);
  }
}
