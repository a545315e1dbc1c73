import { BlockList, isIP } from 'node:net';
import { PeersSettings, type SettingsOf } from '@allibrary/contracts';
import type { Address } from '../addresses/address.ts';

/** What the owner wants of peers: who is let in, who is kept out, how many. */
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

  /** Takes over what the owner wants from now on. */
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

  /** Whether no limit is to keep the peer out. */
  isAllowed(peerId: string): boolean {
    return this.#allowedPeers.has(peerId) || this.#protectedPeers.has(peerId);
  }

  /** Whether the peer is the last to be let go. */
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

  /** Whether no limit is to keep the address out. */
  allows(address: Address): boolean {
    return address.kind === 'ip' && this.isAllowedAddress(address.ip);
  }

  /** Whether no limit is to keep the address out. */
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
