import { dirname } from 'node:path';
import { CatalogOpened, DocumentAdded, ListRevisions } from '@allibrary/contracts';
import { RepeatedComparison, Settings, describeError, ownBacklog } from '@allibrary/messaging';
import { type Foundations, type Rebuildable, observeComparisons } from '@allibrary/platform';
import type { Libp2p } from '@libp2p/interface';
import { CurrentNetwork } from './network/current-network.ts';
import { networkCounters } from './network/network-counters.ts';
import { openProfileFolder } from './network/profile-folder.ts';
import { directProfile } from './network/profile.ts';
import { type SharedParts, startNetwork } from './network/start-network.ts';
import type { P2pNodeConfig } from './p2p-node.config.ts';
import { Reconciliation } from './dht/announcing/reconciliation.ts';
import { NetworkGauges } from './status/network-gauges.ts';

/** Builds p2p-node and starts its network, whose read model names the consumers of the service. */
export async function composeP2pNode(config: P2pNodeConfig, { bus, logger, health, metrics }: Foundations) {
  const profile = directProfile(config);
  openProfileFolder(dirname(profile.files.datastore));
  const shared: SharedParts = {
    bus,
    settings: new Settings(bus),
    logger,
    counters: networkCounters(metrics),
    gauges: new NetworkGauges(metrics),
    carrier: { listen: config.carrier, transfer: config.transferCarrier, token: config.carrierToken },
  };
  const network = new CurrentNetwork(profile, (next, signal) => startNetwork(next, shared, signal));
  await network.restart();
  const readModel = await readModelOf(network);
  health.addCheck('announcements', () =>
    network.running?.announcementsModel.db.isOpen ? null : 'the announcements are not open',
  );
  health.addCheck('libp2p', () => problemOf(network.running?.host));

  const revisions = (after: string, limit: number) => bus.request(ListRevisions, { after, limit });
  const comparison = new RepeatedComparison({
    bus,
    ownerOpened: (signal) => bus.watch(CatalogOpened, signal),
    compare: (signal) =>
      network.use(({ announcements, closing }) =>
        new Reconciliation({ announcements, revisions, logger }).compare(AbortSignal.any([signal, closing])),
      ),
    countWaiting: () => ownBacklog(bus, 'p2p-node', readModel.generation, DocumentAdded),
    onEnd: observeComparisons(metrics),
    onFailure: (error) =>
      logger.debug({ error: describeError(error) }, 'announcements not compared with the catalog, retrying'),
  });
  // Facts that came while another profile was in use are missing in the announcements of this one.
  network.onReplaced(() => comparison.request());

  const closing = new AbortController();
  let comparing = Promise.resolve();
  return {
    network,
    readModel,
    start(): void {
      comparing = comparison.repeat(closing.signal);
    },
    async close(): Promise<void> {
      closing.abort();
      await comparing;
      await network.close();
    },
  };
}

/** The announcements of the first network, as the platform knows a read model: its generation names the consumers. */
async function readModelOf(network: CurrentNetwork): Promise<Rebuildable> {
  const generation = await network.use(({ announcementsModel }) => announcementsModel.generation);
  return { generation, discard: () => network.running?.announcementsModel.discard() };
}

function problemOf(host: Libp2p | undefined): string | null {
  if (host?.status !== 'started') return `the libp2p host is ${host?.status ?? 'stopped'}`;
  return host.getMultiaddrs().length > 0 ? null : 'the port for peers is not open: this node has no address';
}
