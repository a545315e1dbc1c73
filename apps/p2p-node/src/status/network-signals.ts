import { NetworkChanged } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Metrics } from '@allibrary/platform';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { NetworkView } from './network-view.ts';

const AT_MOST_EVERY_MS = 500;
const CHANGES = ['peer:connect', 'peer:disconnect', 'self:peer:update'] as const;

/** Tells when the network changes, a burst once; answers how to stop. */
export function signalNetworkChanges(host: Libp2pHost, view: NetworkView, bus: Bus): () => void {
  let pending: NodeJS.Timeout | undefined;
  const tell = () => {
    pending = undefined;
    bus.signal(NetworkChanged, view.status());
  };
  const onChange = () => {
    pending ??= setTimeout(tell, AT_MOST_EVERY_MS);
  };
  for (const change of CHANGES) host.addEventListener(change, onChange);
  return () => {
    clearTimeout(pending);
    for (const change of CHANGES) host.removeEventListener(change, onChange);
  };
}

/** Shows the network's figures as metrics. */
export function observeNetwork(host: Libp2pHost, view: NetworkView, metrics: Metrics): void {
  metrics.gauge({
    name: 'allibrary_peers',
    help: 'Connections to peers, by who opened them.',
    labelNames: ['direction'],
    collect() {
      const connections = host.getConnections();
      for (const direction of ['inbound', 'outbound']) {
        this.set({ direction }, connections.filter((connection) => connection.direction === direction).length);
      }
    },
  });
  metrics.gauge({
    name: 'allibrary_announced_documents',
    help: 'Shared documents, by whether the DHT knows of them.',
    labelNames: ['state'],
    collect() {
      const { announcedDocuments, waitingDocuments } = view.status();
      this.set({ state: 'announced' }, announcedDocuments);
      this.set({ state: 'waiting' }, waitingDocuments);
    },
  });
}
