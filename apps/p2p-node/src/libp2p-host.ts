import { dirname, join } from 'node:path';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify, identifyPush } from '@libp2p/identify';
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface';
import { type KadDHTComponents, type SingleKadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht';
import type { MulticastDNSComponents } from '@libp2p/mdns';
import { peerIdFromString } from '@libp2p/peer-id';
import { ping } from '@libp2p/ping';
import { preSharedKey } from '@libp2p/pnet';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { createLibp2p } from 'libp2p';
import { KadStorage, type OnRecordOffence } from './dht/kad-storage.ts';
import { rememberingAddresses } from './dht/provider-addresses.ts';
import { ProviderRecords, RECORD_LIMITS, type RecordLimits, openRecordsReadModel } from './dht/provider-records.ts';
import { HostDatastore } from './host-datastore.ts';
import { LanDiscovery } from './lan-discovery.ts';
import { type OnLibp2pProblem, libp2pLogger } from './libp2p-logger.ts';

/** The node's libp2p host, with the services that it runs. */
export type Libp2pHost = Libp2p<{ dht: SingleKadDHT; records: KadStorage; lan: LanDiscovery }>;

/** The protocol of our own DHT: it holds AlLibrary's nodes and documents only. */
export const KAD_PROTOCOL = '/allibrary/kad/1.0.0';

/**
 * How long the address of a peer stays known. kad-dht 16.4 stops naming a live provider once its address is older than
 * this, and resets every stream for a key of which one provider was forgotten: both default to a few hours.
 */
const PEER_AGE_MS = 48 * 3_600_000;

/** How far a stream's window may grow; it is also what a paused stream must be able to hold. */
export const MAX_STREAM_WINDOW_BYTES = 16_777_216;

/** Each stream may hold a window: so many of one connection are more than any honest peer needs. */
const MOST_STREAMS_OF_CONNECTION = 64;
/** A peer may name any number of addresses, and not all of them need be its own. */
export const MOST_ADDRESSES_OF_PEER = 8;

/** Who the host is, and where it listens. */
export interface Libp2pHostOptions {
  readonly privateKey: PrivateKey;
  readonly host: string;
  readonly port: number;
  readonly announce: readonly string[];
  /** The folder of what it remembers: peers, their addresses, records of the DHT. */
  readonly datastoreDir: string;
  /** How many records it keeps for others. */
  readonly recordLimits?: RecordLimits;
  readonly agent: string;
  /** Decides who is let in and who is dialled. */
  readonly gate: ConnectionGater;
  /** The key of a private network: nobody else gets to see more than random bytes. */
  readonly networkKey?: Uint8Array | undefined;
  /** Is told what libp2p itself could not do, such as to let in a stranger that speaks nonsense. */
  readonly onProblem: OnLibp2pProblem;
  /** Is told of peers that ask this host to keep what it does not keep; they lose the connection. */
  readonly onRecordOffence?: OnRecordOffence;
}

/** Creates the host and opens its port. */
export async function startLibp2pHost(options: Libp2pHostOptions): Promise<Libp2pHost> {
  try {
    return await createHost(options);
  } catch (cause) {
    if (!String(cause).includes('EADDRINUSE')) throw cause;
    const remedy = 'stop what listens there, or choose another port with ALLIBRARY_P2P_PORT';
    throw new Error(`${options.host} port ${options.port} is in use: ${remedy}.`, { cause });
  }
}

async function createHost(options: Libp2pHostOptions): Promise<Libp2pHost> {
  const family = options.host.includes(':') ? 'ip6' : 'ip4';
  return createLibp2p({
    connectionGater: options.gate,
    ...(options.networkKey ? { connectionProtector: preSharedKey({ psk: options.networkKey }) } : {}),
    privateKey: options.privateKey,
    datastore: await HostDatastore.openIn(options.datastoreDir),
    logger: libp2pLogger(options.onProblem),
    nodeInfo: { userAgent: options.agent },
    addresses: { listen: [`/${family}/${options.host}/tcp/${options.port}`], announce: [...options.announce] },
    transports: [tcp({ maxConnections: 400, backlog: 511 })],
    // TLS first: measured at 1.4 times the throughput of Noise, which stays for whoever speaks nothing else.
    connectionEncrypters: [tls(), noise()],
    // Strangers assume that our first window is as large as theirs, so it stays at the 256 KiB of the specification.
    streamMuxers: [
      yamux({
        maxInboundStreams: MOST_STREAMS_OF_CONNECTION,
        streamOptions: { initialStreamWindowSize: 262_144, maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES },
      }),
    ],
    peerStore: { maxAddressAge: PEER_AGE_MS, maxPeerAge: PEER_AGE_MS },
    connectionManager: {
      maxConnections: 300,
      dialTimeout: 10_000,
      addressDialTimeout: 5_000,
      maxIncomingPendingConnections: 32,
      maxPeerAddrsToDial: MOST_ADDRESSES_OF_PEER,
      inboundConnectionThreshold: Number.MAX_SAFE_INTEGER, // the gate counts, and tells of what it refuses
      inboundUpgradeTimeout: 5_000,
    },
    // A ping waits behind the bytes of a transfer: on a slow line that is longer than the 5 s after which libp2p takes
    // the connection for dead, and would cut off the very transfer.
    connectionMonitor: { pingInterval: 15_000, pingTimeout: { minTimeout: 30_000 } },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      records: recordKeeper(options),
      dht: ownDht,
      lan: (components: MulticastDNSComponents) => new LanDiscovery(components),
    },
  });
}

/** What the DHT keeps for others. A peer that asks it to keep what it does not keep loses the connection. */
const recordKeeper =
  ({ datastoreDir, recordLimits = RECORD_LIMITS, onRecordOffence }: Libp2pHostOptions) =>
  ({ peerStore, connectionManager }: KadDHTComponents): KadStorage => {
    const model = openRecordsReadModel(join(dirname(datastoreDir), 'provider-records.sqlite'));
    return new KadStorage(new ProviderRecords(model, recordLimits, Date.now), peerStore, (peerId, offence) => {
      onRecordOffence?.(peerId, offence);
      connectionManager.closeConnections(peerIdFromString(peerId)).catch(() => {});
    });
  };

/** AlLibrary's own DHT. Addresses pass as they are: libraries on one LAN, or on one machine, find each other too. */
function ownDht(components: KadDHTComponents & { records: KadStorage }): SingleKadDHT {
  const dht = kadDHT({ protocol: KAD_PROTOCOL, clientMode: false, peerInfoMapper: passthroughMapper });
  const own = Object.create(components, {
    datastore: { value: components.records },
    peerStore: { value: rememberingAddresses(components.peerStore, Date.now) },
  }) as KadDHTComponents;
  return dht(own) as SingleKadDHT; // what it makes has a routing table; only its type keeps quiet about it
}
