import { type Data, DownloadEnded } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Outbox } from '../../catalog/outbox.ts';
import { nextMoment, orderOfEnded } from '../orders/download-order.ts';
import type { DownloadOrders } from '../orders/download-orders.ts';
import type { DownloadRecord } from '../download-record.ts';
import type { DownloadStore } from '../download-store.ts';

/** How a download ended. */
export type Ending = Pick<Data<typeof DownloadEnded>, 'outcome' | 'cause' | 'reason'>;

/**
 * Ends of downloads that were at work: first in the read model, with what else is true then, and after that among the
 * orders. In between a crash loses nothing: the end comes again, from the read model or from the document itself.
 */
export class DownloadEndings {
  constructor(
    private readonly orders: DownloadOrders,
    private readonly store: DownloadStore,
    private readonly outbox: Outbox,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  /** Stores and publishes an end. */
  end(record: DownloadRecord, ending: Ending): void {
    const ended = this.prepare(record, ending);
    this.store.transaction(() => this.storeEnd(ended));
    this.keep(ended);
  }

  /** Returns the end as a fact, later than all that the owner ordered of the download. */
  prepare(record: DownloadRecord, ending: Ending): Data<typeof DownloadEnded> {
    const { id, documentId } = record;
    const order = this.orders.get(id) ?? { ...record, end: null };
    return { id, documentId, ...ending, endedAtMs: nextMoment(order, this.now()) };
  }

  /** Stores the end in the read model; to be called inside a transaction. */
  storeEnd(ended: Data<typeof DownloadEnded>): void {
    this.store.end(ended.id, ended);
    this.outbox.add(DownloadEnded, ended);
  }

  /** Keeps the end among the orders and publishes it; to be called after that transaction. */
  keep(ended: Data<typeof DownloadEnded>): void {
    try {
      this.orders.save(orderOfEnded(ended));
    } catch (error) {
      this.logger.warn({ downloadId: ended.id, error: describeError(error) }, 'download end not kept until restart');
    }
    this.outbox.publishSoon();
  }
}
