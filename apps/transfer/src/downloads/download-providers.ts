import { Bus } from '@allibrary/messaging';
import { DurableStore, Logger, Metrics, ReadModel } from '@allibrary/platform';
import { Catalog } from '../catalog/catalog.ts';
import { Outbox } from '../catalog/outbox.ts';
import { DiskHealth } from '../disk-health.ts';
import { FetchReports } from '../fetching/fetched-pieces.ts';
import { FairThrottle } from '../limits/fair-throttle.ts';
import { NodeLimits } from '../limits/node-limits.ts';
import { Traffic } from '../limits/traffic.ts';
import { findSources, openPeerStream } from '../peers/peer-carrier.ts';
import { PeerSessions } from '../peers/peer-sessions.ts';
import { OfferedDocuments } from '../serving/offered-documents.ts';
import { PartialDocuments } from '../serving/partial-documents.ts';
import { PartialNotices } from '../serving/partial-notices.ts';
import { SharedDocuments } from '../serving/shared-documents.ts';
import type { TransferConfig } from '../transfer.config.ts';
import { BufferPool } from '../wire/buffer-pool.ts';
import { type ReplicaLife, composeDownloads } from './compose-downloads.ts';
import { DownloadFolder } from './download-folder.ts';
import { DownloadQueue } from './download-queue.ts';
import { DownloadView } from './download-view.ts';
import { Downloads } from './downloads.ts';
import { ProgressReports } from './progress-reports.ts';

const DOWNLOADS = Symbol('downloads');

type Composed = ReturnType<typeof composeDownloads>;

/** How peers are found and reached: by p2p-node, over its carrier. Another carrier would change this alone. */
const sessions = ({ peerCarrier, carrierToken: token }: TransferConfig) => ({
  provide: PeerSessions,
  useFactory: (bus: Bus, pool: BufferPool, traffic: Traffic) =>
    new PeerSessions({
      findSources: (documentId, signal) => findSources(bus, documentId, signal),
      openStream: (peerId, onBytes, signal) => openPeerStream({ ...peerCarrier, token }, peerId, onBytes, signal),
      pool,
      onReceived: (bytes) => traffic.count('received', bytes),
    }),
  inject: [Bus, BufferPool, Traffic],
});

const offers = [
  {
    provide: PartialDocuments,
    useFactory: (folder: DownloadFolder) => new PartialDocuments(() => folder.isPublic),
    inject: [DownloadFolder],
  },
  {
    provide: PartialNotices,
    useFactory: (partials: PartialDocuments, bus: Bus) => new PartialNotices(partials, bus),
    inject: [PartialDocuments, Bus],
  },
  {
    provide: OfferedDocuments,
    useFactory: (
      catalog: Catalog,
      documents: SharedDocuments,
      partials: PartialDocuments,
      pool: BufferPool,
      throttle: FairThrottle,
    ) => new OfferedDocuments({ catalog, documents, partials, pool, throttle }),
    inject: [Catalog, SharedDocuments, PartialDocuments, BufferPool, FairThrottle],
  },
];

/** Until transfer is composed by one function, Nest hands over what that function would. */
const composed = (life: ReplicaLife) => ({
  provide: DOWNLOADS,
  useFactory: (
    model: ReadModel,
    desiredState: DurableStore,
    catalog: Catalog,
    outbox: Outbox,
    folder: DownloadFolder,
    disk: DiskHealth,
    bus: Bus,
    metrics: Metrics,
    limits: NodeLimits,
    sessions: PeerSessions,
    partials: PartialDocuments,
    pool: BufferPool,
    throttle: FairThrottle,
    logger: Logger,
  ) => {
    const observer = new FetchReports(metrics, bus);
    const fetchTools = { sessions, manifests: catalog, partials, pool, throttle, observer, logger };
    return composeDownloads(
      { model, desiredState, catalog, outbox, folder, disk },
      { bus, metrics, limits, fetchTools },
      life,
    );
  },
  inject: [
    ...[ReadModel, DurableStore, Catalog, Outbox, DownloadFolder, DiskHealth, Bus, Metrics, NodeLimits, PeerSessions],
    ...[PartialDocuments, BufferPool, FairThrottle, Logger],
  ],
});

/** Wires downloads, and what is offered to peers meanwhile. */
export const downloadProviders = (config: TransferConfig, life: ReplicaLife) => [
  sessions(config),
  ...offers,
  composed(life),
  { provide: Downloads, useFactory: ({ downloads }: Composed) => downloads, inject: [DOWNLOADS] },
  { provide: DownloadQueue, useFactory: ({ queue }: Composed) => queue, inject: [DOWNLOADS] },
  { provide: DownloadView, useFactory: ({ view }: Composed) => view, inject: [DOWNLOADS] },
  { provide: ProgressReports, useFactory: ({ reports }: Composed) => reports, inject: [DOWNLOADS] },
];
