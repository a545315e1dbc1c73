import type { Metrics } from '@allibrary/platform';
import type { Multiaddr } from '@multiformats/multiaddr';
import { ADDRESS_SCOPES, scopeOf } from '../addresses/address-scope.ts';
import type { SelfCheck } from '../dht/announcing/self-check.ts';
import type { PeerScores } from '../gate/peer-scores.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { SEARCH } from '../protocols/library-protocols.ts';
import type { NetworkView } from './network-view.ts';

/** The parts of a network that the gauges read. */
export interface ObservedNetwork {
  readonly host: Libp2pHost;
  readonly view: NetworkView;
  readonly selfCheck: SelfCheck;
  readonly scores: PeerScores;
}

/** The gauges of the network that runs. They are registered once per process, and show zeros while none runs. */
export class NetworkGauges {
  #network: ObservedNetwork | undefined;

  constructor(metrics: Metrics) {
    const network = () => this.#network;
    registerConnections(metrics, network);
    registerAddresses(metrics, network);
    registerDocuments(metrics, network);
    registerDht(metrics, network);
  }

  /** Shows a network from now on; returns how to stop. */
  observe(network: ObservedNetwork): () => void {
    this.#network = network;
    return () => {
      this.#network = undefined;
    };
  }
}

type Current = () => ObservedNetwork | undefined;

function registerConnections(metrics: Metrics, network: Current): void {
  metrics.gauge({
    name: 'allibrary_peers',
    help: 'Connections to peers, by who opened them.',
    labelNames: ['direction'],
    collect() {
      const connections = network()?.host.getConnections() ?? [];
      for (const direction of ['inbound', 'outbound'])
        this.set({ direction }, connections.filter((connection) => connection.direction === direction).length);
    },
  });
  metrics.gauge({
    name: 'allibrary_connected_libraries',
    help: 'Connected peers that speak the protocols of AlLibrary.',
    async collect() {
      this.set(await countLibraries(network()?.host));
    },
  });
  metrics.gauge({
    name: 'allibrary_kept_out_peers',
    help: 'Peers that are banned for a time because of misbehaviour.',
    collect() {
      this.set(network()?.scores.countBanned() ?? 0);
    },
  });
}

async function countLibraries(host: Libp2pHost | undefined): Promise<number> {
  if (!host) return 0;
  const peers = await Promise.all(host.getPeers().map((peer) => host.peerStore.get(peer).catch(() => undefined)));
  return peers.filter((peer) => peer?.protocols.includes(SEARCH.protocol)).length;
}

function registerAddresses(metrics: Metrics, network: Current): void {
  const byScope = (name: string, help: string, addresses: () => Multiaddr[]) =>
    metrics.gauge({
      name,
      help,
      labelNames: ['scope'],
      collect() {
        const scopes = addresses().map(scopeOf);
        for (const scope of ADDRESS_SCOPES) this.set({ scope }, scopes.filter((each) => each === scope).length);
      },
    });
  byScope(
    'allibrary_peer_addresses',
    'Connections to peers, by how far the address of the peer reaches.',
    () =>
      network()
        ?.host.getConnections()
        .map(({ remoteAddr }) => remoteAddr) ?? [],
  );
  byScope(
    'allibrary_own_addresses',
    'Addresses that this node announces, by how far they reach.',
    () => network()?.host.getMultiaddrs() ?? [],
  );
}

function registerDocuments(metrics: Metrics, network: Current): void {
  metrics.gauge({
    name: 'allibrary_announced_documents',
    help: 'Shared documents, by whether they are announced on the DHT.',
    labelNames: ['state'],
    collect() {
      const { announcedDocuments = 0, waitingDocuments = 0 } = network()?.view.status() ?? {};
      this.set({ state: 'announced' }, announcedDocuments);
      this.set({ state: 'waiting' }, waitingDocuments);
    },
  });
}

function registerDht(metrics: Metrics, network: Current): void {
  metrics.gauge({
    name: 'allibrary_dht_records',
    help: 'Provider records that this node keeps for others.',
    collect() {
      this.set(network()?.host.services.records.size ?? 0);
    },
  });
  metrics.gauge({
    name: 'allibrary_dht_sampled_documents',
    help: 'Announced documents that the latest self-check asked the network for, by whether it named this node.',
    labelNames: ['result'],
    collect() {
      const { sampled, found } = network()?.selfCheck.latest ?? { sampled: 0, found: 0 };
      this.set({ result: 'found' }, found);
      this.set({ result: 'missed' }, sampled - found);
    },
  });
  metrics.gauge({
    name: 'allibrary_last_dht_check_timestamp_seconds',
    help: 'When the latest self-check ended, in seconds since 1970; 0 when there was none yet.',
    collect() {
      this.set((network()?.selfCheck.latest?.checkedAtMs ?? 0) / 1_000);
    },
  });
}
