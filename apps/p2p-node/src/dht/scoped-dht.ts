import type { Connection, PeerId, PeerInfo, Stream } from '@libp2p/interface';
import type { ConnectionManager } from '@libp2p/interface-internal';
import { type KadDHTComponents, type SingleKadDHT, kadDHT } from '@libp2p/kad-dht';
import { LengthPrefixedDecoder } from '@libp2p/utils';
import { type AddressScope, farther, isWithin } from '../addresses/address-scope.ts';
import type { Conversation } from '../addresses/conversation.ts';
import type { DialableAddresses } from '../addresses/dialable-addresses.ts';
import { watchReceivedBytes } from '../streams/received-bytes.ts';
import { addressesIn } from './kad-message.ts';
import type { KadStorage } from './keeping/kad-storage.ts';
import { providerAddresses } from './keeping/provider-addresses.ts';
import { KadServer, type KadServerOptions } from './serving/kad-server.ts';

/** The protocol of our own DHT: it holds AlLibrary's nodes and documents only. */
export const KAD_PROTOCOL = '/allibrary/kad/1.0.0';

/** Receives misbehaviour of peers on the DHT, and refused streams. */
export type DhtReports = Pick<KadServerOptions, 'onMisbehaviour' | 'onRefused'>;

/** 120 peers with 16 addresses each take about 130 KB. */
const MAX_ANSWER_BYTES = 262_144;

/**
 * AlLibrary's own DHT. Libraries on one LAN, or on one machine, find each other too: a peer receives addresses, and
 * is believed, within its scope. The peer store and the gate turn down every other address that kad-dht brings up.
 */
export const scopedDht =
  (conversation: Conversation, reports: DhtReports) =>
  (components: KadDHTComponents & { records: KadStorage }): SingleKadDHT => {
    const toAsker = (peer: PeerInfo): PeerInfo => ({
      ...peer,
      multiaddrs: visibleTo(conversation.scope, peer.multiaddrs),
    });
    const dht = kadDHT({ protocol: KAD_PROTOCOL, clientMode: false, peerInfoMapper: toAsker });
    const { records } = components;
    const peers = providerAddresses(components.peerStore, conversation, () => performance.now());
    const server = new KadServer({ records, peers, ...reports });
    const own = Object.create(components, {
      datastore: { value: records },
      peerStore: { value: peers },
      registrar: { value: server.before(conversation.registrar(components.registrar)) },
      connectionManager: { value: listening(components.connectionManager, conversation.addresses) },
    }) as KadDHTComponents;
    return dht(own) as SingleKadDHT; // what it makes has a routing table; only its type keeps quiet about it
  };

const visibleTo = (scope: AddressScope | undefined, addresses: PeerInfo['multiaddrs']): PeerInfo['multiaddrs'] =>
  scope ? addresses.filter((address) => isWithin(address, scope)) : addresses;

/** The scope of a peer by all its connections: the farthest, for libp2p does not expose on which of them a stream runs. */
export function scopeOfConnections(connections: readonly Connection[], addresses: DialableAddresses): AddressScope {
  const [first = 'public', ...others] = connections.map(({ remoteAddr }) => addresses.scopeOfPeer(remoteAddr));
  return others.reduce(farther, first);
}

/**
 * A connection manager that bounds and reads along the answers to kad-dht's questions: kad-dht accepts answers of any length,
 * dials the addresses in them, and does not expose which peer sent them.
 */
function listening(manager: ConnectionManager, addresses: DialableAddresses): ConnectionManager {
  const openStream: ConnectionManager['openStream'] = async (peer, protocols, options) => {
    const stream = await manager.openStream(peer, protocols, options);
    limitAnswer(stream);
    learnFrom(stream, addresses, scopeOfConnections(manager.getConnections(peer as PeerId), addresses));
    return stream;
  };
  return Object.create(manager, { openStream: { value: openStream } }) as ConnectionManager;
}

/** kad-dht opens a stream for each question. */
function limitAnswer(stream: Stream): void {
  let received = 0;
  watchReceivedBytes(stream, (bytes) => {
    received += bytes;
    if (received <= MAX_ANSWER_BYTES) return true;
    stream.abort(new Error('the answer is too long'));
    return false;
  });
}

function learnFrom(stream: Stream, addresses: DialableAddresses, scope: AddressScope): void {
  if (scope === 'public') return; // public addresses need not be learnt
  const decoder = new LengthPrefixedDecoder({ maxDataLength: MAX_ANSWER_BYTES });
  const listen = ({ data }: { data: Parameters<typeof decoder.decode>[0] }): void => {
    try {
      for (const message of decoder.decode(data)) addresses.learn(addressesIn(message.subarray()), scope);
    } catch {
      stream.removeEventListener('message', listen); // kad-dht reports it
    }
  };
  stream.addEventListener('message', listen);
}
