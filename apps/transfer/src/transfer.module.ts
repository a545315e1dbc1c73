import { randomUUID } from 'node:crypto';
import type { CarrierListener } from '@allibrary/carrier';
import { CatalogOpened } from '@allibrary/contracts';
import { Collections } from '@allibrary/library';
import { Bus, LegacySettings, Settings, SettingsResponder, StoredSettings } from '@allibrary/messaging';
import { DurableStore, Health, Logger, Metrics, ReadModel } from '@allibrary/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { openCarrierPort } from './serving/carrier-port.ts';
import { AuditResponder } from './integrity/audit.responder.ts';
import { Catalog } from './catalog/catalog.ts';
import { CollectionsResponder } from './ingest/collections.responder.ts';
import { openDesiredState } from './desired-state.ts';
import { DiskHealth } from './disk-health.ts';
import { observeDisks } from './disk-metrics.ts';
import { DocumentsResponder } from './catalog/documents.responder.ts';
import { DownloadFolder } from './downloads/download-folder.ts';
import { DownloadQueue } from './downloads/download-queue.ts';
import { PeerSessions } from './peers/peer-sessions.ts';
import { ProgressReports } from './downloads/progress-reports.ts';
import { DownloadsConsumer } from './downloads/downloads.consumer.ts';
import { DownloadsResponder } from './downloads/downloads.responder.ts';
import { FileConsumer } from './ingest/file.consumer.ts';
import { FileHasher } from './ingest/file-hasher.ts';
import { Ingest } from './ingest/ingest.ts';
import { IngestMetrics } from './ingest/ingest-metrics.ts';
import { downloadProviders } from './downloads/download-providers.ts';
import { Audit } from './integrity/audit.ts';
import { integrityProviders } from './integrity/integrity-providers.ts';
import { Repairs } from './integrity/repairs.ts';
import { ServedPieceCheck } from './integrity/served-piece-check.ts';
import { FairThrottle } from './limits/fair-throttle.ts';
import { observeLimits } from './limits/limit-metrics.ts';
import { NodeLimits } from './limits/node-limits.ts';
import { Replicas } from './limits/replicas.ts';
import { TrafficLedger } from './limits/traffic-ledger.ts';
import { Outbox } from './catalog/outbox.ts';
import { BufferPool } from './wire/buffer-pool.ts';
import { OfferedDocuments } from './serving/offered-documents.ts';
import { PartialNotices } from './serving/partial-notices.ts';
import { SharedDocuments } from './serving/shared-documents.ts';
import { Revisions, openRevisionStore } from './revisions.ts';
import { openSettings } from './settings/open-settings.ts';
import { Traffic } from './limits/traffic.ts';
import { TrafficConsumer } from './limits/traffic.consumer.ts';
import { TrafficResponder } from './limits/traffic.responder.ts';
import type { TransferConfig } from './transfer.config.ts';
import { openTransferReadModel } from './catalog/transfer-read-model.ts';
import { Visibility } from './catalog/visibility.ts';
import { WatchProbe } from './ingest/watch-probe.ts';
import { CollectionRoots, openCollectionRoots } from './withholding/collection-roots.ts';
import { WithheldCollections } from './withholding/withheld-collections.ts';

const REVISION_STORE = 'revision-store';

/** The wall clock: for what people see, and for rules of the calendar. */
const now = (): number => Date.now();
/** The steady clock, which nobody sets: for what lasts. */
const clock = (): number => performance.now();

/** The only place where the parts of transfer meet. */
@Module({})
export class TransferModule {
  /** Wires the service for its settings. */
  static with(config: TransferConfig): DynamicModule {
    const replica = randomUUID();
    return {
      module: TransferModule,
      controllers: [
        FileConsumer,
        DownloadsConsumer,
        TrafficConsumer,
        CollectionsResponder,
        SettingsResponder,
        DocumentsResponder,
        DownloadsResponder,
        TrafficResponder,
        AuditResponder,
      ],
      providers: [
        { provide: ReadModel, useFactory: () => openTransferReadModel(config.dataDir) },
        desiredState(config),
        {
          provide: DiskHealth,
          useFactory: (collections: Collections) =>
            new DiskHealth(config.dataDir, () => collections.forDownloads?.collection.folder, clock),
          inject: [Collections],
        },
        {
          provide: Collections,
          useFactory: (settings: Settings) => Collections.open(settings, config),
          inject: [Settings],
        },
        {
          provide: DownloadFolder,
          useFactory: (collections: Collections, withheld: WithheldCollections) =>
            new DownloadFolder(collections, withheld),
          inject: [Collections, WithheldCollections],
        },
        { provide: FileHasher, useFactory: () => new FileHasher(config.hashThreads) },
        { provide: BufferPool, useFactory: () => new BufferPool() },
        {
          provide: StoredSettings,
          useFactory: (store: DurableStore, bus: Bus, logger: Logger) =>
            openSettings(store, config, new LegacySettings(bus), logger),
          inject: [DurableStore, Bus, Logger],
        },
        {
          provide: Settings,
          useFactory: (bus: Bus, stored: StoredSettings) => new Settings(bus, stored),
          inject: [Bus, StoredSettings],
        },
        {
          provide: Outbox,
          useFactory: (model: ReadModel, bus: Bus, logger: Logger) => new Outbox(model, bus, logger),
          inject: [ReadModel, Bus, Logger],
        },
        { provide: REVISION_STORE, useFactory: () => openRevisionStore(config.dataDir) },
        {
          provide: Revisions,
          useFactory: (model: ReadModel, store: DurableStore) => new Revisions(model, store, now),
          inject: [ReadModel, REVISION_STORE],
        },
        {
          provide: Catalog,
          useFactory: (model: ReadModel, outbox: Outbox, revisions: Revisions) =>
            new Catalog(model, outbox, revisions, now),
          inject: [ReadModel, Outbox, Revisions],
        },
        {
          provide: SharedDocuments,
          useFactory: (catalog: Catalog, collections: Collections, check: ServedPieceCheck) =>
            new SharedDocuments(catalog, collections, check),
          inject: [Catalog, Collections, ServedPieceCheck],
        },
        ...integrityProviders(now),
        ...limits(replica),
        {
          provide: WatchProbe,
          useFactory: (collections: Collections, withheld: WithheldCollections) =>
            new WatchProbe(collections, (folder, root) => withheld.checkWritable(folder, root)),
          inject: [Collections, WithheldCollections],
        },
        ...visibility(config),
        ingest,
        ...downloadProviders(config, { replica, now, clock }),
        lifecycle(config),
      ],
    };
  }
}

/** What the owner wants; a file that was damaged is named until it is moved away. */
const desiredState = ({ dataDir }: TransferConfig) => ({
  provide: DurableStore,
  useFactory: (logger: Logger, health: Health) => {
    const store = openDesiredState(dataDir);
    const { damagedFile } = store;
    if (damagedFile !== null) {
      const remedy = 'What the read model and the bus know of downloads was taken over: compare the list of downloads.';
      logger.error({ damagedFile, remedy }, 'desired state damaged, set aside');
      health.addNotice('desired-state', () => `It was damaged and is kept as ${damagedFile}. ${remedy}`);
    }
    return store;
  },
  inject: [Logger, Health],
});

/** The limits, in this life of the process among the replicas of transfer. */
const limits = (replica: string) => [
  { provide: FairThrottle, useFactory: () => new FairThrottle(clock) },
  {
    provide: TrafficLedger,
    useFactory: (model: ReadModel) => new TrafficLedger(model, replica),
    inject: [ReadModel],
  },
  {
    provide: Traffic,
    useFactory: (metrics: Metrics, ledger: TrafficLedger) => new Traffic(metrics, ledger, clock),
    inject: [Metrics, TrafficLedger],
  },
  {
    provide: NodeLimits,
    useFactory: (
      settings: Settings,
      bus: Bus,
      throttle: FairThrottle,
      traffic: Traffic,
      ledger: TrafficLedger,
      logger: Logger,
      metrics: Metrics,
    ) => {
      const replicas = new Replicas(replica, clock);
      const parts = { settings, bus, throttle, traffic, ledger, replicas, replica, logger, now, clock };
      const nodeLimits = new NodeLimits(parts);
      observeLimits(metrics, nodeLimits, throttle);
      return nodeLimits;
    },
    inject: [Settings, Bus, FairThrottle, Traffic, TrafficLedger, Logger, Metrics],
  },
];

/** Which documents peers may have, and which collections nothing is written into. */
const visibility = ({ dataDir }: TransferConfig) => [
  { provide: CollectionRoots, useFactory: () => openCollectionRoots(dataDir) },
  {
    provide: WithheldCollections,
    useFactory: (collections: Collections, roots: CollectionRoots, bus: Bus, logger: Logger) =>
      new WithheldCollections({ collections, roots, bus, logger }),
    inject: [Collections, CollectionRoots, Bus, Logger],
  },
  {
    provide: Visibility,
    useFactory: (
      collections: Collections,
      withheld: WithheldCollections,
      catalog: Catalog,
      outbox: Outbox,
      logger: Logger,
    ) => new Visibility(collections, withheld, catalog, outbox, logger),
    inject: [Collections, WithheldCollections, Catalog, Outbox, Logger],
  },
];

const ingest = {
  provide: Ingest,
  useFactory: (
    collections: Collections,
    hasher: FileHasher,
    catalog: Catalog,
    outbox: Outbox,
    metrics: Metrics,
    logger: Logger,
  ) => new Ingest(collections, hasher, catalog, outbox, new IngestMetrics(metrics, catalog), logger),
  inject: [Collections, FileHasher, Catalog, Outbox, Metrics, Logger],
};

/** Opens what has to be open while the service runs, and closes it again in a safe order. */
const lifecycle = ({ carrier, carrierToken: token, libraryDir: library, dataDir: data }: TransferConfig) => ({
  provide: 'transfer-lifecycle',
  useFactory: (
    model: ReadModel,
    desiredState: DurableStore,
    disk: DiskHealth,
    outbox: Outbox,
    catalog: Catalog,
    documents: SharedDocuments,
    offered: OfferedDocuments,
    notices: PartialNotices,
    pool: BufferPool,
    traffic: Traffic,
    nodeLimits: NodeLimits,
    logger: Logger,
    health: Health,
    queue: DownloadQueue,
    reports: ProgressReports,
    sessions: PeerSessions,
    hasher: FileHasher,
    collections: Collections,
    withheld: WithheldCollections,
    roots: CollectionRoots,
    visibility: Visibility,
    repairs: Repairs,
    audit: Audit,
    metrics: Metrics,
    bus: Bus,
    revisionStore: DurableStore,
    settings: StoredSettings,
  ) => {
    let port: CarrierListener | undefined;
    let stopFollowing = () => {};
    return {
      onApplicationBootstrap: async () => {
        await nodeLimits.open(); // before the first byte flows
        visibility.start();
        withheld.start();
        port = await openCarrierPort({ ...carrier, token, catalog, documents, offered, pool, traffic, logger });
        health.addCheck('settings', () => settings.problem());
        health.addCheck('carrier', () => (port ? null : 'the carrier port is not open'));
        health.addCheck('disk', () => disk.problem());
        outbox.publishSoon(); // what an earlier run could not publish
        stopFollowing = bus.onGap(() => outbox.publishSoon());
        bus.signal(CatalogOpened, {});
        queue.open();
        notices.start();
        repairs.start();
        audit.start();
        observeDisks(metrics, { library, data });
      },
      onApplicationShutdown: async () => {
        stopFollowing();
        await Promise.all([queue.close(), audit.close(), repairs.close()]);
        reports.close();
        notices.stop();
        await Promise.all([sessions.close(), port?.close(), hasher.close(), collections.close()]);
        await withheld.stop();
        await visibility.stop();
        roots.close();
        await documents.close();
        await nodeLimits.close();
        await outbox.close();
        revisionStore.close();
        model.close();
        desiredState.close();
      },
    };
  },
  inject: [
    ReadModel,
    DurableStore,
    DiskHealth,
    Outbox,
    Catalog,
    SharedDocuments,
    OfferedDocuments,
    PartialNotices,
    BufferPool,
    Traffic,
    NodeLimits,
    Logger,
    Health,
    DownloadQueue,
    ProgressReports,
    PeerSessions,
    FileHasher,
    Collections,
    WithheldCollections,
    CollectionRoots,
    Visibility,
    Repairs,
    Audit,
    Metrics,
    Bus,
    REVISION_STORE,
    StoredSettings,
  ],
});
