import type { TcpSocketConnectOpts } from 'node:net';
import { noise } from '@chainsafe/libp2p-noise';
import type { Libp2p, PeerId, PrivateKey } from '@libp2p/interface';
import type { KadDHTComponents, SingleKadDHT } from '@libp2p/kad-dht';
import type { MulticastDNSComponents } from '@libp2p/mdns';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
import { type Ping, ping } from '@libp2p/ping';
import { preSharedKey } from '@libp2p/pnet';
import { type TCPSocketOptions, tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';
import { Conversation } from '../addresses/conversation.ts';
import { guardedLookup } from '../addresses/guarded-lookup.ts';
import { InterfaceAddresses, type InterfaceAddressesComponents } from '../addresses/interface-addresses.ts';
import { scopedIdentify, scopedIdentifyPush } from '../addresses/scoped-identify.ts';
import { steadyNow } from '../dht/keeping/clock.ts';
import type { ConnectionGate } from '../gate/connection-gate.ts';
import { KadStorage, type OnRecordRefused } from '../dht/keeping/kad-storage.ts';
import { type DhtReports, KAD_PROTOCOL, scopedDht } from '../dht/scoped-dht.ts';
import {
  ProviderRecords,
  RECORD_LIMITS,
  type RecordLimits,
  openRecordsReadModel,
} from '../dht/keeping/provider-records.ts';
import { boundedYamux } from '../streams/bounded-yamux.ts';
import { ConnectionOwners } from '../streams/connection-owners.ts';
import type { StreamGate } from '../streams/stream-gate.ts';
import { type DatastoreLog, HostDatastore } from './host-datastore.ts';
import { LanDiscovery } from './lan-discovery.ts';
import type { AddressService, ListenOptions, Transport } from './profile.ts';
import { type OnLibp2pProblem, libp2pLogger } from './libp2p-logger.ts';
import { timelessTls } from '../tls/timeless-tls.ts';

export { KAD_PROTOCOL };

/** The node's libp2p host, with the services that it runs. */
export type Libp2pHost = Libp2p<{ dht: SingleKadDHT; records: KadStorage; lan: LanDiscovery; ping: Ping }>;

/**
 * How long the address of a peer stays known. kad-dht 16.4 stops naming a live provider once its address is older than
 * this, and resets every stream for a key of which one provider was forgotten: both default to a few hours.
 */
const PEER_AGE_MS = 48 * 3_600_000;

/** How far a stream's window may grow; it is also what a paused stream must be able to hold. */
export const MAX_STREAM_WINDOW_BYTES = 16_777_216;

/** Inbound connections up to the gate's limit, and those that this node opened. */
const MOST_CONNECTIONS = 600;
/** Each stream may hold a window. No honest peer needs this many streams on one connection. */
const MOST_STREAMS_OF_CONNECTION = 64;
/** Unread bytes that a stream may hold: one window. The carrier, whose windows are larger, sets its own limit. */
const MOST_UNREAD_BYTES_OF_STREAM = 262_144;
/** Bytes that a stream may hold for a peer that does not read. */
const MOST_UNSENT_BYTES_OF_STREAM = 1_048_576;
/** A peer may name any number of addresses, and not all of them need be its own. */
export const MOST_ADDRESSES_OF_PEER = 8;

/** Who the host is. */
export interface HostIdentity {
  readonly privateKey: PrivateKey;
  /** Key of a private network: everybody else sees random bytes only. */
  readonly networkKey?: Uint8Array | undefined;
  readonly agent: string;
}

/** What the host keeps between two runs. */
export interface HostStorage {
  /** File of the peers and their addresses. */
  readonly datastore: string;
  readonly log: DatastoreLog;
  /** File of the provider records that it keeps for others. */
  readonly providerRecords: string;
  readonly recordLimits?: RecordLimits;
}

/** Receives what an operator may want to see. */
export interface HostObserver {
  /** Called for what libp2p itself could not do, for example when a stranger sends garbage. */
  readonly onProblem: OnLibp2pProblem;
  /** Called for peers whose records are refused; they lose the connection. */
  readonly onRecordRefused?: OnRecordRefused;
}

/** What a host uses of its guard. */
export interface HostGuard {
  readonly gate: ConnectionGate;
  readonly streams: StreamGate;
  readonly report: DhtReports['onMisbehaviour'];
  readonly countRefusedStream: DhtReports['onRefused'];
}

/** What a host is made of. */
export interface Libp2pHostOptions {
  readonly identity: HostIdentity;
  readonly listen: ListenOptions;
  readonly storage: HostStorage;
  /** Bounds what strangers can do, and receives their misbehaviour. */
  readonly guard: HostGuard;
  readonly observer: HostObserver;
  readonly transports: readonly Transport[];
  readonly services: readonly AddressService[];
}

/** Creates the host and opens its port. */
export async function startLibp2pHost(options: Libp2pHostOptions): Promise<Libp2pHost> {
  try {
    return await createHost(options);
  } catch (cause) {
    if (!String(cause).includes('EADDRINUSE')) throw cause;
    const remedy = 'stop what listens there, or choose another port with ALLIBRARY_P2P_PORT';
    throw new Error(`${options.listen.host} port ${options.listen.port} is in use: ${remedy}.`, { cause });
  }
}

async function createHost(options: Libp2pHostOptions): Promise<Libp2pHost> {
  const { guard, identity, listen, storage, observer } = options;
  const { gate, streams } = guard;
  const { addresses } = gate;
  const conversation = new Conversation(addresses);
  const owners = new ConnectionOwners();
  const ownId = peerIdFromPrivateKey(identity.privateKey);
  const family = listen.host.includes(':') ? 'ip6' : 'ip4';
  const datastore = HostDatastore.open(storage.datastore, storage.log);
  const host = await createLibp2p({
    connectionGater: gate,
    ...(identity.networkKey ? { connectionProtector: preSharedKey({ psk: identity.networkKey }) } : {}),
    privateKey: identity.privateKey,
    datastore,
    logger: libp2pLogger(observer.onProblem),
    nodeInfo: { userAgent: identity.agent },
    addresses: { listen: [`/${family}/${listen.host}/tcp/${listen.port}`], announce: [...listen.announce] },
    transports: options.transports.map((transport) => TRANSPORTS[transport](gate)),
    // TLS first: measured at 1.4 times the throughput of Noise, which stays for peers that support nothing else.
    connectionEncrypters: [owners.encrypter(timelessTls()), owners.encrypter(noise())],
    // Strangers assume that our first window is as large as theirs, so it stays at the 256 KiB of the specification.
    streamMuxers: [
      boundedYamux(
        {
          maxInboundStreams: MOST_STREAMS_OF_CONNECTION,
          streamOptions: {
            initialStreamWindowSize: 262_144,
            maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES,
            maxReadBufferLength: MOST_UNREAD_BYTES_OF_STREAM,
            maxWriteBufferLength: MOST_UNSENT_BYTES_OF_STREAM,
          },
        },
        streams,
        owners,
      ),
    ],
    peerStore: {
      maxAddressAge: PEER_AGE_MS,
      maxPeerAge: PEER_AGE_MS,
      // Whatever teaches an address, one that may not be dialled is not kept either.
      addressFilter: async (peer, address) => peer.equals(ownId) || addresses.permits(address),
    },
    connectionManager: {
      // The gate bounds what others open, evicts fairly and counts what it refuses: libp2p's own limits lie above it.
      maxConnections: MOST_CONNECTIONS,
      dialTimeout: 10_000,
      addressDialTimeout: 5_000,
      maxIncomingPendingConnections: MOST_CONNECTIONS,
      maxPeerAddrsToDial: MOST_ADDRESSES_OF_PEER,
      inboundConnectionThreshold: Number.MAX_SAFE_INTEGER,
      inboundUpgradeTimeout: 5_000,
    },
    // A ping waits behind the bytes of a transfer: on a slow line that is longer than the 5 s after which libp2p takes
    // the connection for dead, and would cut off the very transfer.
    connectionMonitor: { pingInterval: 15_000, pingTimeout: { minTimeout: 30_000 } },
    services: {
      identify: scopedIdentify(conversation),
      identifyPush: scopedIdentifyPush(conversation),
      ...(options.services.includes('interface-addresses') && {
        interfaces: (components: InterfaceAddressesComponents) => new InterfaceAddresses(components),
      }),
      ping: ping(),
      records: recordKeeper(options),
      dht: scopedDht(conversation, { onMisbehaviour: guard.report, onRefused: guard.countRefusedStream }),
      lan: (components: MulticastDNSComponents) =>
        new LanDiscovery(components, options.services.includes('lan-discovery')),
    },
  });
  datastore.keysInUse = () => new Set([ownId, ...host.getPeers()].map(peerKey));
  return host;
}

/** The key under which libp2p's peer store keeps a peer. */
const peerKey = (peer: PeerId): string => `/peers/${peer.toCID().toString()}`;

const TRANSPORTS = {
  tcp: (gate: ConnectionGate) => tcp({ maxConnections: MOST_CONNECTIONS, backlog: 511, dialOpts: socketOptions(gate) }),
} satisfies Record<Transport, unknown>;

/** What outgoing sockets are opened with; `lookup` reaches node:net, though the type of libp2p does not have it. */
const socketOptions = ({ permitsResolved }: ConnectionGate): TCPSocketOptions => {
  const options: TCPSocketOptions & Pick<TcpSocketConnectOpts, 'lookup'> = { lookup: guardedLookup(permitsResolved) };
  return options;
};

/** Stores provider records for others. A peer whose record is refused loses the connection. */
const recordKeeper =
  ({ storage: { providerRecords, recordLimits = RECORD_LIMITS }, observer }: Libp2pHostOptions) =>
  ({ peerStore, connectionManager }: KadDHTComponents): KadStorage => {
    const model = openRecordsReadModel(providerRecords);
    return new KadStorage(new ProviderRecords(model, recordLimits, steadyNow), peerStore, (peerId, reason) => {
      observer.onRecordRefused?.(peerId, reason);
      connectionManager.closeConnections(peerIdFromString(peerId)).catch(() => {});
    });
  };
