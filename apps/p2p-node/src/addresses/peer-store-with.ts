import type { PeerStore } from '@libp2p/interface';

/** A peer store of which some methods are replaced. */
export const peerStoreWith = (peers: PeerStore, replaced: Partial<PeerStore>): PeerStore => ({
  forEach: peers.forEach.bind(peers),
  all: peers.all.bind(peers),
  delete: peers.delete.bind(peers),
  get: peers.get.bind(peers),
  getInfo: peers.getInfo.bind(peers),
  has: peers.has.bind(peers),
  save: peers.save.bind(peers),
  patch: peers.patch.bind(peers),
  merge: peers.merge.bind(peers),
  consumePeerRecord: peers.consumePeerRecord.bind(peers),
  ...replaced,
});
