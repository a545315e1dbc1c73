import type { CarrierListener } from '@allibrary/carrier';
import { Collections } from '@allibrary/library';
import { Bus, Settings, describeError } from '@allibrary/messaging';
import { Health, Logger, Metrics, ReadModel } from '@allibrary/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { openCarrierPort } from './carrier-port.ts';
import { Catalog } from './catalog.ts';
import { CollectionsResponder } from './collections.responder.ts';
import { DocumentsResponder } from './documents.responder.ts';
import { DownloadFolder } from './download-folder.ts';
import { DownloadStore } from './downloads/download-store.ts';
import { Downloads } from './downloads/downloads.ts';
import { PeerSessions } from './downloads/peer-sessions.ts';
import { DownloadsConsumer } from './downloads.consumer.ts';
import { DownloadsResponder } from './downloads.responder.ts';
import { FileConsumer } from './file.consumer.ts';
import { FileHasher } from './hashing/file-hasher.ts';
import { Ingest } from './ingest.ts';
import { IngestMetrics } from './ingest-metrics.ts';
import { Outbox } from './outbox.ts';
import { BufferPool } from './pieces/buffer-pool.ts';
import { SharedDocuments } from './pieces/shared-documents.ts';
import { Traffic } from './traffic.ts';
import type { TransferConfig } from './transfer.config.ts';
import { openTransferReadModel } from './transfer-read-model.ts';
import { Visibility } from './visibility.ts';
import { WatchProbe } from './watch-probe.ts';

/** The moment, for everything in this service that needs one. */
const now = (): number => Date.now();

/** The only place where the parts of transfer meet. */
@Module({})
export class TransferModule {
  /** Wires the service for its settings. */
  static with(config: TransferConfig): DynamicModule {
    return {
      module: TransferModule,
      controllers: [FileConsumer, DownloadsConsumer, CollectionsResponder, DocumentsResponder, DownloadsResponder],
      providers: [
        { provide: ReadModel, useFactory: () => openTransferReadModel(config.dataDir) },
        { provide: Settings, useFactory: (bus: Bus) => Settings.open(bus), inject: [Bus] },
        {
          provide: Collections,
          useFactory: (settings: Settings) => Collections.open(settings, config),
          inject: [Settings],
        },
        {
          provide: DownloadFolder,
          useFactory: (collections: Collections) => new DownloadFolder(collections),
          inject: [Collections],
        },
        { provide: FileHasher, useFactory: () => new FileHasher(config.hashThreads) },
        { provide: BufferPool, useFactory: () => new BufferPool() },
        { provide: Traffic, useFactory: (metrics: Metrics) => new Traffic(metrics, now), inject: [Metrics] },
        {
          provide: Outbox,
          useFactory: (model: ReadModel, bus: Bus) => new Outbox(model, bus),
          inject: [ReadModel, Bus],
        },
        {
          provide: Catalog,
          useFactory: (model: ReadModel, outbox: Outbox) => new Catalog(model, outbox, now),
          inject: [ReadModel, Outbox],
        },
        {
          provide: SharedDocuments,
          useFactory: (catalog: Catalog, collections: Collections) => new SharedDocuments(catalog, collections),
          inject: [Catalog, Collections],
        },
        {
          provide: WatchProbe,
          useFactory: (collections: Collections) => new WatchProbe(collections),
          inject: [Collections],
        },
        visibility,
        ingest,
        sessions(config),
        downloads(config),
        lifecycle(config),
      ],
    };
  }
}

const visibility = {
  provide: Visibility,
  useFactory: (collections: Collections, catalog: Catalog, outbox: Outbox, logger: Logger) =>
    new Visibility(collections, catalog, outbox, logger),
  inject: [Collections, Catalog, Outbox, Logger],
};

const ingest = {
  provide: Ingest,
  useFactory: (
    collections: Collections,
    hasher: FileHasher,
    catalog: Catalog,
    outbox: Outbox,
    metrics: Metrics,
    logger: Logger,
  ) => new Ingest(collections, hasher, catalog, outbox, new IngestMetrics(metrics), logger),
  inject: [Collections, FileHasher, Catalog, Outbox, Metrics, Logger],
};

const sessions = ({ peerCarrier, carrierToken }: TransferConfig) => ({
  provide: PeerSessions,
  useFactory: (bus: Bus, pool: BufferPool, traffic: Traffic) =>
    new PeerSessions({
      bus,
      carrier: peerCarrier,
      token: carrierToken,
      pool,
      onReceived: (bytes) => traffic.count('received', bytes),
    }),
  inject: [Bus, BufferPool, Traffic],
});

const downloads = ({ activeDownloads, requestsPerPeer }: TransferConfig) => ({
  provide: Downloads,
  useFactory: (
    model: ReadModel,
    folder: DownloadFolder,
    catalog: Catalog,
    outbox: Outbox,
    sessions: PeerSessions,
    pool: BufferPool,
    logger: Logger,
    bus: Bus,
  ) => {
    const store = new DownloadStore(model);
    const tools = { folder, catalog, outbox, store, sessions, pool, requestsPerPeer, logger, now };
    return new Downloads(tools, bus, activeDownloads);
  },
  inject: [ReadModel, DownloadFolder, Catalog, Outbox, PeerSessions, BufferPool, Logger, Bus],
});

/** Opens what has to be open while the service runs, and closes it again in a safe order. */
const lifecycle = ({ carrier, carrierToken: token }: TransferConfig) => ({
  provide: 'transfer-lifecycle',
  useFactory: (
    model: ReadModel,
    outbox: Outbox,
    catalog: Catalog,
    documents: SharedDocuments,
    pool: BufferPool,
    traffic: Traffic,
    logger: Logger,
    health: Health,
    downloads: Downloads,
    sessions: PeerSessions,
    hasher: FileHasher,
    collections: Collections,
    visibility: Visibility,
  ) => {
    let port: CarrierListener | undefined;
    return {
      onApplicationBootstrap: async () => {
        visibility.start();
        port = await openCarrierPort({ ...carrier, token, catalog, documents, pool, traffic, logger });
        health.addCheck('carrier', () => (port ? null : 'the carrier port is not open'));
        outbox
          .flush()
          .catch((error: unknown) =>
            logger.warn({ error: describeError(error) }, 'what an earlier run could not publish is published later'),
          );
        downloads.resume();
      },
      onApplicationShutdown: async () => {
        await downloads.close();
        await Promise.all([sessions.close(), port?.close(), hasher.close(), collections.close()]);
        await visibility.stop();
        await documents.close();
        model.close();
      },
    };
  },
  inject: [
    ReadModel,
    Outbox,
    Catalog,
    SharedDocuments,
    BufferPool,
    Traffic,
    Logger,
    Health,
    Downloads,
    PeerSessions,
    FileHasher,
    Collections,
    Visibility,
  ],
});
