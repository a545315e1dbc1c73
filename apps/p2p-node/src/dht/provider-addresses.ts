import type { Peer, PeerStore } from '@libp2p/interface';

const SAID_AGAIN_MS = 600_000;
const MOST_REMEMBERED = 1_000;
const MOST_ADDRESSES = 16;

/**
 * The peer store for kad-dht, which writes the addresses of a provider with each of its records: of a library with 100,000
 * documents that would be 100,000 writes of the same. What was said within ten minutes is not written again.
 */
export function rememberingAddresses(peers: PeerStore, now: () => number): PeerStore {
  const said = new Map<string, { addresses: Set<string>; atMs: number; peer: Promise<Peer> }>();
  const merge: PeerStore['merge'] = async (peerId, data, options) => {
    if (!data.multiaddrs) return peers.merge(peerId, data, options);
    const multiaddrs = data.multiaddrs.slice(0, MOST_ADDRESSES);
    const addresses = new Set(multiaddrs.map(String));
    const id = peerId.toString();
    const last = said.get(id);
    const isNew =
      !last || now() - last.atMs >= SAID_AGAIN_MS || [...addresses].some((each) => !last.addresses.has(each));
    if (!isNew) return last.peer;
    if (said.size >= MOST_REMEMBERED) said.clear();
    const peer = peers.merge(peerId, { ...data, multiaddrs }, options);
    said.set(id, { addresses, atMs: now(), peer });
    peer.catch(() => said.delete(id));
    return peer;
  };
  return {
    merge,
    forEach: peers.forEach.bind(peers),
    all: peers.all.bind(peers),
    delete: peers.delete.bind(peers),
    get: peers.get.bind(peers),
    getInfo: peers.getInfo.bind(peers),
    has: peers.has.bind(peers),
    save: peers.save.bind(peers),
    patch: peers.patch.bind(peers),
    consumePeerRecord: peers.consumePeerRecord.bind(peers),
  };
}
