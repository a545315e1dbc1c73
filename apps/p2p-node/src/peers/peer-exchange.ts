import type { Connection, Peer } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { AddressScope } from '../addresses/address-scope.ts';
import type { DialableAddresses } from '../addresses/dialable-addresses.ts';
import { sample } from './sample.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { type SignedPeer, addressesWithin, isTellable, openRecord } from './peer-records.ts';
import { ProtocolViolation, ask } from '../protocols/exchange.ts';
import { SEARCH } from '../protocols/library-protocols.ts';
import { MOST_RECORDS, PEERS, recordText } from '../protocols/peers-protocol.ts';

/** A peer that was heard of, and where it may be dialled. */
export interface HeardOfPeer {
  readonly peerId: string;
  readonly addresses: Multiaddr[];
}

/** Tells peers of each other: what a library may tell of the others, and what to make of what it tells. */
export class PeerExchange {
  constructor(
    private readonly host: Libp2pHost,
    private readonly guard: PeerGuard,
  ) {}

  /** Signed records of libraries that are connected now, by chance, for whoever is at the other end. */
  async tell(limit: number, asker: Connection): Promise<string[]> {
    const scope = this.#addresses.scopeOfPeer(asker.remoteAddr);
    const others = this.host.getPeers().filter((id) => !id.equals(asker.remotePeer));
    const known = await Promise.all(others.map((id) => this.host.peerStore.get(id).catch(() => undefined)));
    const records = known
      .filter((peer) => peer !== undefined)
      .flatMap((peer) => recordFor(peer, scope, this.#addresses));
    return sample(records, Math.min(limit, MOST_RECORDS), Math.random);
  }

  /** Asks a library for others; a teller of forged records is told of to the guard, and nothing of it is taken. */
  async hear(teller: Connection, limit: number, signal: AbortSignal): Promise<HeardOfPeer[]> {
    const peers: SignedPeer[] = [];
    try {
      const stream = await teller.newStream(PEERS.protocol, { signal });
      const { records } = await ask(stream, PEERS, { limit: Math.min(limit, MOST_RECORDS) }, signal);
      for (const record of records) peers.push(await this.#open(record));
    } catch (error) {
      if (error instanceof ForgedRecord) this.guard.offend(teller.remotePeer.toString(), 'forged-record');
      if (error instanceof ProtocolViolation) this.guard.offend(teller.remotePeer.toString(), 'violation');
      throw error;
    }
    const scope = this.#addresses.scopeOfPeer(teller.remoteAddr);
    return peers
      .filter(({ id }) => !id.equals(this.host.peerId) && this.host.getConnections(id).length === 0)
      .map((peer) => ({
        peerId: peer.id.toString(),
        addresses: this.#addresses.learn(addressesWithin(peer, scope), scope),
      }))
      .filter(({ addresses }) => addresses.length > 0);
  }

  get #addresses(): DialableAddresses {
    return this.guard.gate.addresses;
  }

  async #open(record: string): Promise<SignedPeer> {
    try {
      return await openRecord(Buffer.from(record, 'base64'));
    } catch (cause) {
      throw new ForgedRecord('it passed on a record that its peer has not signed', { cause });
    }
  }
}

class ForgedRecord extends Error {
  override readonly name = 'ForgedRecord';
}

/** The record of a library, unless it names addresses that must not be passed on to the asker. */
function recordFor(
  { protocols, peerRecordEnvelope }: Peer,
  asker: AddressScope,
  believed: DialableAddresses,
): string[] {
  const isLibrary = protocols.includes(SEARCH.protocol);
  if (!isLibrary || !peerRecordEnvelope || !isTellable(peerRecordEnvelope, asker, believed)) return [];
  return [recordText(peerRecordEnvelope)].filter((text) => text !== null);
}
