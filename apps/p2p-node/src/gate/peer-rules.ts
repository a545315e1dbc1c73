import { BlockList, isIP } from 'node:net';
import { PeersSettings, type SettingsOf } from '@allibrary/contracts';
import type { Address } from '../addresses/address.ts';

/** The owner's rules for peers: allowed, denied and protected ones, and the connection target. */
export class PeerRules {
  #settings: SettingsOf<typeof PeersSettings> = PeersSettings.schema.parse({});
  #allowedPeers = new Set<string>();
  #deniedPeers = new Set<string>();
  #protectedPeers = new Set<string>();
  #allowedAddresses = new BlockList();
  #deniedAddresses = new BlockList();

  get settings(): SettingsOf<typeof PeersSettings> {
    return this.#settings;
  }

  /** Applies the owner's settings. */
  follow(settings: SettingsOf<typeof PeersSettings>): void {
    this.#settings = settings;
    this.#allowedPeers = new Set(settings.allowedPeers);
    this.#deniedPeers = new Set(settings.deniedPeers);
    this.#protectedPeers = new Set(settings.protectedPeers);
    this.#allowedAddresses = rangesOf(settings.allowedAddresses);
    this.#deniedAddresses = rangesOf(settings.deniedAddresses);
  }

  isDenied(peerId: string): boolean {
    return this.#deniedPeers.has(peerId);
  }

  /** Whether the peer is exempt from limits. */
  isAllowed(peerId: string): boolean {
    return this.#allowedPeers.has(peerId) || this.#protectedPeers.has(peerId);
  }

  /** Whether the peer is never pruned. */
  isProtected(peerId: string): boolean {
    return this.#protectedPeers.has(peerId);
  }

  isDeniedAddress(host: string): boolean {
    return holds(this.#deniedAddresses, host);
  }

  /** The owner names ranges of IP addresses: no other address is in one. */
  denies(address: Address): boolean {
    return address.kind === 'ip' && this.isDeniedAddress(address.ip);
  }

  /** Whether the address is exempt from limits. */
  allows(address: Address): boolean {
    return address.kind === 'ip' && this.isAllowedAddress(address.ip);
  }

  /** Whether the address is exempt from limits. */
  isAllowedAddress(host: string): boolean {
    return holds(this.#allowedAddresses, host);
  }
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const holds = (ranges: BlockList, host: string): boolean => isIP(host) > 0 && ranges.check(host, familyOf(host));

function rangesOf(texts: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const text of texts) {
    const [address = '', prefix] = text.split('/');
    if (prefix === undefined) ranges.addAddress(address, familyOf(address));
    else ranges.addSubnet(address, Number(prefix), familyOf(address));
  }
  return ranges;
}
