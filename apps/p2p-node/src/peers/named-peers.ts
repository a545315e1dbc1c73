import type { PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { peerIdOf } from '../addresses/peer-addresses.ts';

/** A peer that the owner named, by its address or by its id. */
export interface NamedPeer {
  readonly peerId: string;
  readonly target: PeerId | Multiaddr;
  /** Null when only its id was given. */
  readonly address: Multiaddr | null;
}

/** Addresses and ids that the owner named. */
export interface NamedTexts {
  readonly addresses: readonly string[];
  readonly peerIds: readonly string[];
}

/**
 * Parses what the owner named. An invalid address or id is reported and left out: a mistyped letter in the settings, which
 * their form accepts, must not stop the network.
 */
export function namedPeers({ addresses, peerIds }: NamedTexts, onInvalid: (text: string) => void): NamedPeer[] {
  const read = (text: string, parse: () => NamedPeer): NamedPeer[] => {
    try {
      return [parse()];
    } catch {
      onInvalid(text);
      return [];
    }
  };
  const byAddress = (text: string): NamedPeer => {
    const address = multiaddr(text);
    return { peerId: peerIdOf(text), target: address, address };
  };
  const byId = (text: string): NamedPeer => ({ peerId: text, target: peerIdFromString(text), address: null });
  return [
    ...addresses.flatMap((text) => read(text, () => byAddress(text))),
    ...peerIds.flatMap((text) => read(text, () => byId(text))),
  ];
}
