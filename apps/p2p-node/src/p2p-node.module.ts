import { join } from 'node:path';
import { CatalogOpened, DocumentAdded, ListRevisions, PeersSettings, type SettingsOf } from '@allibrary/contracts';
import { Bus, RepeatedComparison, Settings, describeError, ownBacklog } from '@allibrary/messaging';
import { Health, Logger, Metrics, ReadModel, observeComparisons } from '@allibrary/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { Announcements, openAnnouncementsReadModel } from './dht/announcements.ts';
import { Announcer } from './dht/announcer.ts';
import { CarrierBridge } from './carrier/carrier-bridge.ts';
import { SelfCheck } from './dht/self-check.ts';
import { countRecords, observeDht } from './dht/dht-metrics.ts';
import { DocumentConsumer } from './dht/document.consumer.ts';
import type { Libp2pHost } from './network/libp2p-host.ts';
import { KnownPeers } from './peers/known-peers.ts';
import { LibraryPeers } from './questions/library-peers.ts';
import { NetworkResponder } from './status/network.responder.ts';
import { observeNetwork, signalNetworkChanges } from './status/network-signals.ts';
import { NetworkView } from './status/network-view.ts';
import { openHost } from './open-host.ts';
import type { P2pNodeConfig } from './p2p-node.config.ts';
import { PeerExchange } from './peers/peer-exchange.ts';
import { PeerGatherer } from './peers/peer-gatherer.ts';
import { PeerGuard } from './gate/peer-guard.ts';
import { observePeers } from './status/peer-metrics.ts';
import { PeerKeeper } from './peers/peer-keeper.ts';
import { PeersWish } from './peers/peers-wish.ts';
import { servePeers } from './questions/peer-services.ts';
import { Reconciliation } from './reconciliation.ts';
import { SourceFinder } from './questions/source-finder.ts';
import { TransferNotices } from './carrier/transfer-notices.ts';

const HOST = 'libp2p-host';
const LIFECYCLE = 'p2p-node-lifecycle';
const REMIND_EVERY_MS = 10_000;

/** For times that are stored or shown. */
const wallClock = (): number => Date.now();
/** For durations: bans, rates, limits. */
const monotonic = (): number => performance.now();

/** The only place where the parts of p2p-node meet. */
@Module({})
export class P2pNodeModule {
  /** Wires the service for its settings. */
  static with(config: P2pNodeConfig): DynamicModule {
    return {
      module: P2pNodeModule,
      controllers: [DocumentConsumer, NetworkResponder],
      providers: [
        { provide: Settings, useFactory: (bus: Bus) => new Settings(bus), inject: [Bus] },
        { provide: ReadModel, useFactory: () => openAnnouncementsReadModel(config.dataDir) },
        { provide: Announcements, useFactory: (model: ReadModel) => new Announcements(model), inject: [ReadModel] },
        {
          provide: HOST,
          useFactory: (logger: Logger, metrics: Metrics, strangers: PeerGuard) =>
            openHost(config, logger, metrics, strangers),
          inject: [Logger, Metrics, PeerGuard],
        },
        guard,
        libraries,
        announcer,
        selfCheck,
        keeper(config),
        exchange,
        gatherer(config),
        wish,
        view,
        sources,
        notices,
        comparison,
        bridge(config),
        lifecycle,
      ],
    };
  }
}

const libraries = {
  provide: LibraryPeers,
  useFactory: (host: Libp2pHost, metrics: Metrics) => {
    const searches = metrics.counter({
      name: 'allibrary_peer_searches_total',
      help: 'Searches that this node asked of peers, each peer counted, by what came of them.',
      labelNames: ['result'],
    });
    for (const result of ['answered', 'failed']) searches.inc({ result }, 0);
    return new LibraryPeers(host, (result) => searches.inc({ result }));
  },
  inject: [HOST, Metrics],
};

const announcer = {
  provide: Announcer,
  useFactory: (host: Libp2pHost, { gate }: PeerGuard, announcements: Announcements, metrics: Metrics, logger: Logger) =>
    new Announcer(host, gate.addresses, announcements, logger, wallClock, countRecords(metrics)),
  inject: [HOST, PeerGuard, Announcements, Metrics, Logger],
};

const selfCheck = {
  provide: SelfCheck,
  useFactory: (host: Libp2pHost, announcements: Announcements, logger: Logger) =>
    new SelfCheck(host, announcements, logger, wallClock),
  inject: [HOST, Announcements, Logger],
};

const guard = {
  provide: PeerGuard,
  // The port opens only once it is known whom the owner keeps out.
  useFactory: async (metrics: Metrics, logger: Logger, settings: Settings) => {
    const strangers = new PeerGuard({ metrics, logger, now: monotonic });
    strangers.rules.follow(await awaited(settings, logger));
    return strangers;
  },
  inject: [Metrics, Logger, Settings],
};

async function awaited(settings: Settings, logger: Logger): Promise<SettingsOf<typeof PeersSettings>> {
  const reminder = setInterval(
    () => logger.warn('waiting for the settings: transfer does not answer. The port stays closed until it does'),
    REMIND_EVERY_MS,
  );
  try {
    return await settings.first(PeersSettings, new AbortController().signal);
  } finally {
    clearInterval(reminder);
  }
}

const keeper = ({ bootstrap, dataDir }: P2pNodeConfig) => ({
  provide: PeerKeeper,
  useFactory: (host: Libp2pHost, strangers: PeerGuard, logger: Logger) => {
    const file = join(dataDir, 'p2p-node', 'known-peers.json');
    const known = new KnownPeers(file, wallClock, (reason) =>
      logger.warn({ file, reason }, 'known peers file damaged: starting without the peers of earlier runs'),
    );
    return new PeerKeeper({ host, guard: strangers, known, bootstrap, logger });
  },
  inject: [HOST, PeerGuard, Logger],
});

const exchange = {
  provide: PeerExchange,
  useFactory: (host: Libp2pHost, strangers: PeerGuard) => new PeerExchange(host, strangers),
  inject: [HOST, PeerGuard],
};

const gatherer = (config: P2pNodeConfig) => ({
  provide: PeerGatherer,
  useFactory: (host: Libp2pHost, strangers: PeerGuard, others: PeerExchange, metrics: Metrics, logger: Logger) => {
    const letGo = metrics.counter({
      name: 'allibrary_peers_let_go_total',
      help: 'Peers whose connection was closed because there were more than wanted.',
    });
    return new PeerGatherer({
      host,
      guard: strangers,
      exchange: others,
      mayUseLan: mayUseLan(config),
      logger,
      onLetGo: () => letGo.inc(),
    });
  },
  inject: [HOST, PeerGuard, PeerExchange, Metrics, Logger],
});

/**
 * A node that listens on loopback alone has no LAN; and multicast tells everybody on the LAN the peer id and the addresses,
 * which nobody outside of a private network is to learn.
 */
const mayUseLan = ({ lan, networkKeyFile, p2pHost }: P2pNodeConfig): boolean =>
  lan && !networkKeyFile && !p2pHost.startsWith('127.') && p2pHost !== '::1';

const wish = {
  provide: PeersWish,
  useFactory: (settings: Settings, strangers: PeerGuard, peers: PeerKeeper, band: PeerGatherer) =>
    new PeersWish({ settings, guard: strangers, keeper: peers, gatherer: band }),
  inject: [Settings, PeerGuard, PeerKeeper, PeerGatherer],
};

const view = {
  provide: NetworkView,
  useFactory: (
    host: Libp2pHost,
    announcements: Announcements,
    peers: PeerKeeper,
    check: SelfCheck,
    strangers: PeerGuard,
  ) => new NetworkView(host, announcements, peers, check, strangers),
  inject: [HOST, Announcements, PeerKeeper, SelfCheck, PeerGuard],
};

const sources = {
  provide: SourceFinder,
  useFactory: (host: Libp2pHost, libraries: LibraryPeers, logger: Logger) => new SourceFinder(host, libraries, logger),
  inject: [HOST, LibraryPeers, Logger],
};

const bridge = ({ carrier, transferCarrier, carrierToken }: P2pNodeConfig) => ({
  provide: CarrierBridge,
  useFactory: (host: Libp2pHost, strangers: PeerGuard, metrics: Metrics, logger: Logger) =>
    new CarrierBridge({
      host,
      guard: strangers,
      listen: carrier,
      transfer: transferCarrier,
      token: carrierToken,
      metrics,
      logger,
    }),
  inject: [HOST, PeerGuard, Metrics, Logger],
});

const notices = {
  provide: TransferNotices,
  useFactory: (bus: Bus, strangers: PeerGuard) => new TransferNotices(bus, strangers, monotonic),
  inject: [Bus, PeerGuard],
};

const comparison = {
  provide: RepeatedComparison,
  useFactory: (bus: Bus, model: ReadModel, announcements: Announcements, logger: Logger, metrics: Metrics) => {
    const revisions = (after: string, limit: number) => bus.request(ListRevisions, { after, limit });
    const reconciliation = new Reconciliation({ announcements, revisions, logger });
    return new RepeatedComparison({
      bus,
      ownerOpened: (signal) => bus.watch(CatalogOpened, signal),
      compare: (signal) => reconciliation.compare(signal),
      countWaiting: () => ownBacklog(bus, 'p2p-node', model.generation, DocumentAdded),
      onEnd: observeComparisons(metrics),
      onFailure: (error) =>
        logger.debug({ error: describeError(error) }, 'announcements not compared with the catalog, retrying'),
    });
  },
  inject: [Bus, ReadModel, Announcements, Logger, Metrics],
};

/** Starts what runs beside the messages, and ends it in a safe order. */
const lifecycle = {
  provide: LIFECYCLE,
  useFactory: (
    host: Libp2pHost,
    model: ReadModel,
    announcements: Announcements,
    documents: Announcer,
    check: SelfCheck,
    peers: PeerKeeper,
    strangers: PeerGuard,
    others: PeerExchange,
    band: PeerGatherer,
    wanted: PeersWish,
    network: NetworkView,
    carrier: CarrierBridge,
    fromTransfer: TransferNotices,
    compared: RepeatedComparison,
    bus: Bus,
    health: Health,
    metrics: Metrics,
    logger: Logger,
    settings: Settings,
  ) => {
    let stopSignals = () => {};
    const stopping = new AbortController();
    let comparing: Promise<void> | undefined;
    return {
      onApplicationBootstrap: async () => {
        await carrier.open();
        fromTransfer.start();
        const isOffered = (id: string) => announcements.isShared(id) || fromTransfer.isOffered(id);
        await servePeers(host, { bus, isOffered, exchange: others, guard: strangers, metrics, logger });
        wanted.start();
        await peers.start();
        band.start();
        documents.start();
        comparing = compared.repeat(stopping.signal);
        check.start(settings);
        observeNetwork(host, network, metrics);
        observePeers(host, metrics);
        observeDht(host, check, metrics);
        stopSignals = signalNetworkChanges(host, network, bus);
        health.addCheck('announcements', () => (model.db.isOpen ? null : 'the read model is closed'));
        health.addCheck('libp2p', () => (host.status === 'started' ? null : `the libp2p host is ${host.status}`));
        logger.info(
          { peerId: host.peerId.toString(), multiaddrs: host.getMultiaddrs().map(String) },
          'the port is open to peers',
        );
      },
      onApplicationShutdown: async () => {
        stopSignals();
        stopping.abort();
        await comparing;
        await fromTransfer.stop();
        await Promise.all([documents.close(), check.close(), wanted.close(), peers.close(), band.close()]);
        await carrier.close();
        await host.stop();
        model.close();
      },
    };
  },
  inject: [
    HOST,
    ReadModel,
    Announcements,
    Announcer,
    SelfCheck,
    PeerKeeper,
    PeerGuard,
    PeerExchange,
    PeerGatherer,
    PeersWish,
    NetworkView,
    CarrierBridge,
    TransferNotices,
    RepeatedComparison,
    Bus,
    Health,
    Metrics,
    Logger,
    Settings,
  ],
};
