import type { Connection, Peer } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { AddressScope } from '../addresses/address-scope.ts';
import type { DialableAddresses } from '../addresses/dialable-addresses.ts';
import { sample } from './sample.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { type SignedPeer, addressesWithin, isShareable, openRecord } from './peer-records.ts';
import { ProtocolViolation } from '../protocols/framing.ts';
import { SEARCH } from '../protocols/library-protocols.ts';
import type { PacedQuestions } from '../protocols/paced-questions.ts';
import { MOST_RECORDS, PEERS, recordText } from '../protocols/peers-protocol.ts';

/** A peer that another one named, and the addresses at which it may be dialled. */
export interface UnverifiedPeer {
  readonly peerId: string;
  readonly addresses: Multiaddr[];
}

/** Exchanges signed records of libraries with peers. */
export class PeerExchange {
  constructor(
    private readonly host: Libp2pHost,
    private readonly guard: PeerGuard,
    private readonly questions: PacedQuestions,
  ) {}

  /** A random choice of the connected libraries' signed records that the asker may learn. */
  async recordsFor(asker: Connection, limit: number): Promise<string[]> {
    const scope = this.#addresses.scopeOfPeer(asker.remoteAddr);
    const others = this.host.getPeers().filter((id) => !id.equals(asker.remotePeer));
    const known = await Promise.all(others.map((id) => this.host.peerStore.get(id).catch(() => undefined)));
    const records = known
      .filter((peer) => peer !== undefined)
      .flatMap((peer) => recordFor(peer, scope, this.#addresses));
    return sample(records, Math.min(limit, MOST_RECORDS), Math.random);
  }

  /** Asks a library for others. Forged records are reported to the guard, and nothing of their sender is used. */
  async request(library: Connection, limit: number, signal: AbortSignal): Promise<UnverifiedPeer[]> {
    const peers: SignedPeer[] = [];
    try {
      const open = (until: AbortSignal) => library.newStream(PEERS.protocol, { signal: until });
      const question = { limit: Math.min(limit, MOST_RECORDS) };
      const { records } = await this.questions.ask(library.remotePeer.toString(), open, PEERS, question, signal);
      for (const record of records) peers.push(await this.#open(record));
    } catch (error) {
      if (error instanceof ForgedRecord) this.guard.report(library.remotePeer.toString(), 'forged-record');
      if (error instanceof ProtocolViolation) this.guard.report(library.remotePeer.toString(), 'violation');
      throw error;
    }
    const scope = this.#addresses.scopeOfPeer(library.remoteAddr);
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
      throw new ForgedRecord('a record is not signed by its peer', { cause });
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
  dialable: DialableAddresses,
): string[] {
  const isLibrary = protocols.includes(SEARCH.protocol);
  if (!isLibrary || !peerRecordEnvelope || !isShareable(peerRecordEnvelope, asker, dialable)) return [];
  return [recordText(peerRecordEnvelope)].filter((text) => text !== null);
}
