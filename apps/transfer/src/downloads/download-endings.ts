import { type Data, DownloadEnded } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import { newOrder, nextMoment, orderOfEnded } from '../domain/download-order.ts';
import type { DownloadTools } from './download-tools.ts';
import type { DownloadRecord } from './download-store.ts';

type Ending = Pick<Data<typeof DownloadEnded>, 'outcome' | 'cause' | 'reason'>;

/**
 * The end of a download that was at work: first in the read model, with what else is true then, and after that among the
 * orders. In between a crash loses nothing: the end comes again, from the read model or from the document itself.
 */
export class DownloadEnding {
  readonly #ended: Data<typeof DownloadEnded>;

  constructor(
    private readonly tools: DownloadTools,
    record: DownloadRecord,
    ending: Ending,
  ) {
    const { id, documentId } = record;
    const order = tools.orders.get(id) ?? newOrder(record);
    this.#ended = { id, documentId, ...ending, endedAtMs: nextMoment(order, tools.now()) };
  }

  /** Stores the end; to be called inside a transaction of the read model. */
  store(): void {
    this.tools.store.end(this.#ended);
    this.tools.outbox.add(DownloadEnded, this.#ended);
  }

  /** Keeps the end among the orders and publishes it; to be called after that transaction. */
  keep(): void {
    const { orders, outbox, logger } = this.tools;
    try {
      orders.take(orderOfEnded(this.#ended));
    } catch (error) {
      logger.warn({ downloadId: this.#ended.id, error: describeError(error) }, 'download end not kept until restart');
    }
    outbox.publishSoon();
  }
}

/** Stores and publishes the end of a download. */
export function endDownload(tools: DownloadTools, record: DownloadRecord, ending: Ending): void {
  const end = new DownloadEnding(tools, record, ending);
  tools.store.transaction(() => end.store());
  end.keep();
}

/** Ends a download whose document came by another way, such as a copy into the folder. */
export function endAsHere(tools: DownloadTools, record: DownloadRecord): void {
  const { name, sizeBytes } = tools.catalog.document(record.documentId) ?? record;
  tools.store.saveProgress({ ...record, name, sizeBytes, bytesDone: sizeBytes ?? record.bytesDone });
  endDownload(tools, record, { outcome: 'completed', cause: null, reason: null });
}
