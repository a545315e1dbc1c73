import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';

/** The peer id that an address names; throws when it names none, or one that can't be. */
export function peerIdOf(address: string): string {
  const part = multiaddr(address)
    .getComponents()
    .findLast(({ name }) => name === 'p2p');
  if (!part?.value) throw new Error(`${address} does not end in /p2p/<peer id>`);
  return peerIdFromString(part.value).toString();
}
