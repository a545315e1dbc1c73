import { DownloadEnded, DownloadRequested, DownloadSteered } from '@allibrary/contracts';
import { type DownloadOrder, endOf } from './download-order.ts';
import type { Outbox } from '../../catalog/outbox.ts';
import type { DownloadOrders } from './download-orders.ts';
import type { DownloadStore, OrderVersion } from '../download-store.ts';
import type { DiskHealth } from '../../disk/disk-health.ts';
import type { ProgressReports } from '../running/progress-reports.ts';

/** What orders pass through. */
export interface OrderSyncParts {
  readonly orders: DownloadOrders;
  readonly store: DownloadStore;
  readonly outbox: Outbox;
  readonly reports: ProgressReports;
  readonly disk: Pick<DiskHealth, 'note'>;
}

/**
 * Keeps the read model, and through the outbox the stream TRANSFERS, up to date with the orders. A new read model is
 * filled; a replica that was killed between the order and the read model, or a disk that was full, delays only.
 */
export class OrderSync {
  #change = 0;

  constructor(private readonly parts: OrderSyncParts) {}

  /**
   * Completes the orders from the read model: a new or replaced file has none, an end may have been stored only there,
   * and a backup may be older.
   */
  completeOrders(): void {
    const { orders, store } = this.parts;
    orders.transaction(() => {
      for (const order of store.orders()) orders.save(order);
    });
  }

  /** Changes orders in one transaction; they are on disk, and in the read model, when this returns. */
  transact<T>(work: () => T): T {
    try {
      const result = this.parts.orders.transaction(work);
      this.run();
      return result;
    } catch (error) {
      this.parts.disk.note(error);
      throw error;
    }
  }

  /** Applies the orders that changed since the last time, whichever replica changed them. */
  run(): void {
    const changed = this.parts.orders.changedSince(this.#change);
    for (const { order } of changed) this.#apply(order, true);
    this.#change = changed.reduce((latest, { change }) => Math.max(latest, change), this.#change);
  }

  /** Applies an account of an order from the stream. */
  receive(account: DownloadOrder): void {
    this.parts.orders.save(account);
    const order = this.parts.orders.get(account.id);
    if (order) this.#apply(order, false);
  }

  #apply(order: DownloadOrder, isNews: boolean): void {
    const { store, outbox, reports } = this.parts;
    const hasChanged = store.transaction(() => {
      const before = store.versionOf(order.id);
      if (!isNewer(order, before)) return false;
      store.apply(order);
      if (isNews) addFacts(outbox, order, before);
      return true;
    });
    if (!hasChanged) return;
    reports.note(order.id);
    if (isNews) outbox.publishSoon();
  }
}

const endedAtMs = (order: DownloadOrder): number => endOf(order)?.endedAtMs ?? 0;

const isNewer = (order: DownloadOrder, before: OrderVersion | undefined): boolean =>
  before === undefined ||
  order.steeredAtMs > before.steeredAtMs ||
  endedAtMs(order) > before.endedAtMs ||
  order.requestedAtMs < before.requestedAtMs;

/** Puts what is new in an order into the outbox, as facts that rebuild it. */
function addFacts(outbox: Outbox, order: DownloadOrder, before: OrderVersion | undefined): void {
  const { id, documentId, requestedAtMs, desired, steeredAtMs } = order;
  const end = endOf(order);
  if (!before) outbox.add(DownloadRequested, { id, documentId, requestedAtMs });
  if (steeredAtMs > (before?.steeredAtMs ?? 0))
    outbox.add(DownloadSteered, { id, documentId, ...desired, steeredAtMs });
  if (end && end.endedAtMs > (before?.endedAtMs ?? 0)) outbox.add(DownloadEnded, { id, documentId, ...end });
}
