import type { Peer, PeerStore } from '@libp2p/interface';
import type { Conversation } from '../../addresses/conversation.ts';
import { peerStoreWith } from '../../addresses/peer-store-with.ts';

const WRITE_AGAIN_MS = 600_000;
const MAX_REMEMBERED = 1_000;
const MAX_ADDRESSES = 16;

/**
 * The peer store for kad-dht, which writes the addresses of a provider with each of its records: a library with 100,000
 * documents would cause 100,000 identical writes. Addresses written within ten minutes are not written again, and those
 * outside the scope of the peer that sent them never are.
 */
export function providerAddresses(peers: PeerStore, conversation: Conversation, now: () => number): PeerStore {
  const written = new Map<string, { addresses: Set<string>; atMs: number; peer: Promise<Peer> }>();
  const merge: PeerStore['merge'] = async (peerId, data, options) => {
    if (!data.multiaddrs) return peers.merge(peerId, data, options);
    const told = data.multiaddrs.slice(0, MAX_ADDRESSES);
    const multiaddrs = conversation.scope ? conversation.addresses.learn(told, conversation.scope) : told;
    const addresses = new Set(multiaddrs.map(String));
    const id = peerId.toString();
    const last = written.get(id);
    const isNew =
      !last || now() - last.atMs >= WRITE_AGAIN_MS || [...addresses].some((each) => !last.addresses.has(each));
    if (!isNew) return last.peer;
    if (written.size >= MAX_REMEMBERED) written.clear();
    const peer = peers.merge(peerId, { ...data, multiaddrs }, options);
    written.set(id, { addresses, atMs: now(), peer });
    peer.catch(() => written.delete(id));
    return peer;
  };
  return peerStoreWith(peers, { merge });
}
