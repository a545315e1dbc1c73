import type { CarrierListener } from '@allibrary/carrier';
import { Bus, describeError } from '@allibrary/messaging';
import { Health, Logger, Metrics, ReadModel } from '@allibrary/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { openCarrierPort } from './carrier-port.ts';
import { Catalog } from './catalog.ts';
import { DocumentsResponder } from './documents.responder.ts';
import { DownloadStore } from './downloads/download-store.ts';
import { Downloads } from './downloads/downloads.ts';
import { PeerSessions } from './downloads/peer-sessions.ts';
import { DownloadsConsumer } from './downloads.consumer.ts';
import { DownloadsResponder } from './downloads.responder.ts';
import { FileConsumer } from './file.consumer.ts';
import { FileHasher } from './hashing/file-hasher.ts';
import { Ingest } from './ingest.ts';
import { IngestMetrics } from './ingest-metrics.ts';
import { LibraryFolder } from './library-folder.ts';
import { Outbox } from './outbox.ts';
import { BufferPool } from './pieces/buffer-pool.ts';
import { SharedDocuments } from './pieces/shared-documents.ts';
import { Traffic } from './traffic.ts';
import type { TransferConfig } from './transfer.config.ts';
import { openTransferReadModel } from './transfer-read-model.ts';

/** The moment, for everything in this service that needs one. */
const now = (): number => Date.now();

/** The only place where the parts of transfer meet. */
@Module({})
export class TransferModule {
  /** Wires the service for its settings. */
  static with(config: TransferConfig): DynamicModule {
    return {
      module: TransferModule,
      controllers: [FileConsumer, DownloadsConsumer, DocumentsResponder, DownloadsResponder],
      providers: [
        { provide: ReadModel, useFactory: () => openTransferReadModel(config.dataDir) },
        { provide: LibraryFolder, useFactory: () => LibraryFolder.open(config.libraryDir) },
        { provide: FileHasher, useFactory: () => new FileHasher(config.hashLanes) },
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
          useFactory: (catalog: Catalog, folder: LibraryFolder) => new SharedDocuments(catalog, folder),
          inject: [Catalog, LibraryFolder],
        },
        ingest,
        sessions(config),
        downloads(config),
        lifecycle(config),
      ],
    };
  }
}

const ingest = {
  provide: Ingest,
  useFactory: (
    folder: LibraryFolder,
    hasher: FileHasher,
    catalog: Catalog,
    outbox: Outbox,
    metrics: Metrics,
    logger: Logger,
  ) => new Ingest(folder, hasher, catalog, outbox, new IngestMetrics(metrics), logger),
  inject: [LibraryFolder, FileHasher, Catalog, Outbox, Metrics, Logger],
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
    folder: LibraryFolder,
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
  inject: [ReadModel, LibraryFolder, Catalog, Outbox, PeerSessions, BufferPool, Logger, Bus],
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
  ) => {
    let port: CarrierListener | undefined;
    return {
      onApplicationBootstrap: async () => {
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
        await Promise.all([sessions.close(), port?.close(), hasher.close()]);
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
  ],
});
