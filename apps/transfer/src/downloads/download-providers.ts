import { PeerOffended } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { DurableStore, Logger, Metrics, ReadModel } from '@allibrary/platform';
import { Catalog } from '../catalog/catalog.ts';
import { DiskHealth } from '../disk-health.ts';
import { DownloadFolder } from './download-folder.ts';
import { FairThrottle } from '../limits/fair-throttle.ts';
import { NodeLimits } from '../limits/node-limits.ts';
import { Outbox } from '../catalog/outbox.ts';
import { findSources, openPeerStream } from '../peers/peer-carrier.ts';
import { BufferPool } from '../wire/buffer-pool.ts';
import { OfferedDocuments } from '../serving/offered-documents.ts';
import { PartialDocuments } from '../serving/partial-documents.ts';
import { SharedDocuments } from '../serving/shared-documents.ts';
import { PartialNotices } from '../serving/partial-notices.ts';
import { Traffic } from '../limits/traffic.ts';
import type { TransferConfig } from '../transfer.config.ts';
import { observeDownloads } from './download-metrics.ts';
import { fetchedPieceCounter } from '../fetching/fetched-pieces.ts';
import { DownloadOrders } from './download-orders.ts';
import { DownloadQueue } from './download-queue.ts';
import type { DownloadTools } from './download-tools.ts';
import { DownloadStore } from './download-store.ts';
import { DownloadView } from './download-view.ts';
import { Downloads } from './downloads.ts';
import { OrderSync } from './order-sync.ts';
import { PeerSessions } from '../peers/peer-sessions.ts';
import { ProgressReports } from './progress-reports.ts';

const DOWNLOAD_TOOLS = Symbol('download-tools');

/** One life of the process among the replicas of transfer. */
interface Life {
  readonly replica: string;
  readonly now: () => number;
  readonly clock: () => number;
}

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

const downloadStore = [
  {
    provide: DownloadOrders,
    useFactory: (desiredState: DurableStore) => new DownloadOrders(desiredState),
    inject: [DurableStore],
  },
  { provide: DownloadStore, useFactory: (model: ReadModel) => new DownloadStore(model), inject: [ReadModel] },
  {
    provide: DownloadView,
    useFactory: (store: DownloadStore, limits: NodeLimits) => new DownloadView(store, limits),
    inject: [DownloadStore, NodeLimits],
  },
  {
    provide: ProgressReports,
    useFactory: (bus: Bus, view: DownloadView) => new ProgressReports(bus, (id) => view.find(id)),
    inject: [Bus, DownloadView],
  },
  {
    provide: OrderSync,
    useFactory: (orders: DownloadOrders, store: DownloadStore, outbox: Outbox, reports: ProgressReports) => {
      const sync = new OrderSync({ orders, store, outbox, onChange: (id) => reports.note(id) });
      sync.completeOrders(); // before the first command, and before the first fact of the stream
      return sync;
    },
    inject: [DownloadOrders, DownloadStore, Outbox, ProgressReports],
  },
];

const downloads = ({ replica, now, clock }: Life) => [
  {
    provide: DOWNLOAD_TOOLS,
    useFactory: (
      folder: DownloadFolder,
      catalog: Catalog,
      outbox: Outbox,
      store: DownloadStore,
      orders: DownloadOrders,
      sessions: PeerSessions,
      pool: BufferPool,
      partials: PartialDocuments,
      throttle: FairThrottle,
      logger: Logger,
      bus: Bus,
      metrics: Metrics,
      disk: DiskHealth,
    ): DownloadTools => ({
      ...{ folder, catalog, outbox, store, orders, sessions, pool, partials, throttle, logger, now, clock },
      onLocalFailure: disk.note,
      onPiece: fetchedPieceCounter(metrics),
      onOffence: (peerId) => bus.signal(PeerOffended, { peerId }),
    }),
    inject: [
      DownloadFolder,
      Catalog,
      Outbox,
      DownloadStore,
      DownloadOrders,
      PeerSessions,
      BufferPool,
      PartialDocuments,
      FairThrottle,
      Logger,
      Bus,
      Metrics,
      DiskHealth,
    ],
  },
  {
    provide: DownloadQueue,
    useFactory: (
      tools: DownloadTools,
      nodeLimits: NodeLimits,
      sync: OrderSync,
      reports: ProgressReports,
      metrics: Metrics,
    ) => {
      const queue = new DownloadQueue(tools, nodeLimits, replica, sync, (id) => reports.note(id));
      observeDownloads(metrics, tools.store, queue);
      return queue;
    },
    inject: [DOWNLOAD_TOOLS, NodeLimits, OrderSync, ProgressReports, Metrics],
  },
  {
    provide: Downloads,
    useFactory: (
      tools: DownloadTools,
      sync: OrderSync,
      queue: DownloadQueue,
      reports: ProgressReports,
      view: DownloadView,
    ) => new Downloads({ tools, sync, queue, reports, view }),
    inject: [DOWNLOAD_TOOLS, OrderSync, DownloadQueue, ProgressReports, DownloadView],
  },
];

/** Wires downloads, and what is offered to peers meanwhile. */
export const downloadProviders = (config: TransferConfig, life: Life) => [
  sessions(config),
  ...downloadStore,
  ...offers,
  ...downloads(life),
];
