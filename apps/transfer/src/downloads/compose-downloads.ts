import type { Bus } from '@allibrary/messaging';
import type { DurableStore, Metrics } from '@allibrary/platform';
import type { Catalog } from '../catalog/catalog.ts';
import type { Outbox } from '../catalog/outbox.ts';
import type { DiskHealth } from '../disk/disk-health.ts';
import type { FetchTools } from '../fetching/fetch-tools.ts';
import { ActiveDownloads } from './running/active-downloads.ts';
import { DownloadCompletion } from './running/download-completion.ts';
import { DownloadDeaths } from './running/download-deaths.ts';
import { DownloadEndings } from './running/download-endings.ts';
import type { DownloadFolder } from './place/download-folder.ts';
import { observeDownloads } from './download-metrics.ts';
import { DownloadOrders } from './orders/download-orders.ts';
import { DownloadQueue, type QueueLimits } from './running/download-queue.ts';
import { DownloadStore } from './download-store.ts';
import { DownloadView } from './download-view.ts';
import { Downloads } from './downloads.ts';
import { OrderSync } from './orders/order-sync.ts';
import { ProgressReports } from './running/progress-reports.ts';
import { ReplicaLeases } from './running/replica-leases.ts';

/** One life of the process among the replicas of transfer. */
export interface ReplicaLife {
  readonly replica: string;
  /** The wall clock: for what people see. */
  readonly now: () => number;
  /** A clock that nobody sets, for durations. */
  readonly clock: () => number;
}

/** Where downloads are recorded. */
export interface DownloadStorage {
  readonly store: DownloadStore;
  readonly desiredState: DurableStore;
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly folder: DownloadFolder;
  readonly disk: Pick<DiskHealth, 'note'>;
}

/** What downloads need of the running service. */
export interface DownloadServices {
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly limits: QueueLimits;
  readonly fetchTools: FetchTools;
}

/** Builds the downloads of this node; nothing runs before the queue is opened. */
export function composeDownloads(storage: DownloadStorage, services: DownloadServices, life: ReplicaLife) {
  const { store, catalog, outbox, folder, disk } = storage;
  const { bus, metrics, limits, fetchTools } = services;
  const { replica, now, clock } = life;
  const { logger } = fetchTools;

  const orders = new DownloadOrders(storage.desiredState);
  const view = new DownloadView(store, limits);
  const reports = new ProgressReports(bus, view);
  const sync = new OrderSync({ orders, store, outbox, reports, disk });
  sync.completeOrders(); // before the first command, and before the first fact of the stream

  const endings = new DownloadEndings(orders, store, outbox, logger, now);
  const completion = new DownloadCompletion(folder, catalog, store, endings, logger);
  const leases = new ReplicaLeases(store, replica, clock, logger);
  const deaths = new DownloadDeaths(storage.desiredState);
  const parts = { folder, completion, endings, deaths, fetchTools };
  const active = new ActiveDownloads(parts, store, leases, reports, disk);
  const queue = new DownloadQueue({ store, sync, leases, active, reports, folder, limits }, disk, clock, logger);
  const downloads = new Downloads({ orders, store, catalog, sync, queue, completion, deaths }, now);
  observeDownloads(metrics, store, queue);
  return { downloads, queue, view, reports };
}
