import type { PeerId } from '@libp2p/interface';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record';
import type { Multiaddr } from '@multiformats/multiaddr';
import { type AddressScope, isWithin } from '../addresses/address-scope.ts';
import type { DialableAddresses } from '../addresses/dialable-addresses.ts';

/** A peer, and the addresses that it has signed. */
export interface SignedPeer {
  readonly id: PeerId;
  readonly addresses: readonly Multiaddr[];
}

/** A peer may sign any number of addresses; this many of an unverified peer are tried. */
const MOST_ADDRESSES = 4;

/** Checks a record that was passed on; rejects for one that its peer has not signed. */
export async function openRecord(record: Uint8Array): Promise<SignedPeer> {
  const envelope = await RecordEnvelope.openAndCertify(record, PeerRecord.DOMAIN);
  const { peerId, multiaddrs } = PeerRecord.createFromProtobuf(envelope.payload);
  if (!peerIdFromPublicKey(envelope.publicKey).equals(peerId)) throw new Error('the record is signed by another peer');
  return { id: peerId, addresses: multiaddrs };
}

/**
 * Whether a signed record may be passed on. It can only be passed on as a whole, so every address must be one that the
 * asker may learn, and one that this node may dial: otherwise a stranger's LAN addresses would reach the LAN through us.
 */
export function isShareable(record: Uint8Array, asker: AddressScope, dialable: DialableAddresses): boolean {
  const { payload } = RecordEnvelope.createFromProtobuf(record);
  const { multiaddrs } = PeerRecord.createFromProtobuf(payload);
  return multiaddrs.length > 0 && multiaddrs.every((each) => isWithin(each, asker) && dialable.permits(each));
}

/** A peer's addresses within a scope, no more than are tried. */
export const addressesWithin = ({ id, addresses }: SignedPeer, scope: AddressScope): Multiaddr[] =>
  addresses
    .filter((address) => isWithin(address, scope))
    .slice(0, MOST_ADDRESSES)
    .map((address) => (address.toString().includes('/p2p/') ? address : address.encapsulate(`/p2p/${id.toString()}`)));
