import type { PeerId } from '@libp2p/interface';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record';
import type { Multiaddr } from '@multiformats/multiaddr';
import { reaches } from './address-scope.ts';

/** A peer, and the addresses that it has signed. */
export interface SignedPeer {
  readonly id: PeerId;
  readonly addresses: readonly Multiaddr[];
}

/** A peer may sign any number of addresses: of one that is only heard of, so many are tried. */
const MOST_ADDRESSES = 4;

/** Checks a record that was passed on; rejects for one that its peer has not signed. */
export async function openRecord(record: Uint8Array): Promise<SignedPeer> {
  const envelope = await RecordEnvelope.openAndCertify(record, PeerRecord.DOMAIN);
  const { peerId, multiaddrs } = PeerRecord.createFromProtobuf(envelope.payload);
  if (!peerIdFromPublicKey(envelope.publicKey).equals(peerId)) throw new Error('somebody else has signed the record');
  return { id: peerId, addresses: multiaddrs };
}

/** Those of a peer's addresses, as many as are tried, that mean anything to whoever is at the other address. */
export const addressesFor = ({ id, addresses }: SignedPeer, other: Multiaddr): Multiaddr[] =>
  addresses
    .filter((address) => reaches(address, other))
    .slice(0, MOST_ADDRESSES)
    .map((address) => (address.toString().includes('/p2p/') ? address : address.encapsulate(`/p2p/${id.toString()}`)));
