import type { DownloadCause, DownloadPriority } from '@allibrary/contracts';
import type { DurableStore } from '@allibrary/platform';
import { type DownloadEnd, type DownloadOrder, endOf, mergeOrders } from './download-order.ts';

type Row = Record<string, unknown>;

/** An order with its place among all changes of orders. */
export interface ChangedOrder {
  readonly order: DownloadOrder;
  readonly change: number;
}

/**
 * What the owner ordered of the downloads, on disk before it is acknowledged. The replicas of transfer share it; neither
 * the bus nor the read model is needed to rebuild it.
 */
export class DownloadOrders {
  constructor(private readonly store: DurableStore) {}

  /** Runs the work as one transaction; inside another one, as a part of it. */
  transaction<T>(work: () => T): T {
    return this.store.db.isTransaction ? work() : this.store.transaction(work);
  }

  get(id: string): DownloadOrder | undefined {
    const row = this.store.prepare('SELECT * FROM download_order WHERE id = ?').get(id);
    return row && orderOf(row);
  }

  /** The order for a document that has not ended. */
  unfinishedOf(documentId: string): DownloadOrder | undefined {
    const rows = this.store.prepare('SELECT * FROM download_order WHERE document_id = ?').all(documentId);
    return rows.map(orderOf).find((order) => endOf(order) === null);
  }

  /** Stores what is new in an account of an order; returns false when nothing is. */
  save(account: DownloadOrder): boolean {
    return this.transaction(() => {
      const known = this.get(account.id);
      const order = known ? mergeOrders(known, account) : account;
      if (known && JSON.stringify(rowOf(known)) === JSON.stringify(rowOf(order))) return false;
      this.#put(order);
      return true;
    });
  }

  /** The orders that changed after the given change, in the order of their requests. */
  changedSince(change: number): ChangedOrder[] {
    // With the bare column SQLite would read all orders in that order, instead of the few that changed by their index.
    const rows = this.store.prepare('SELECT * FROM download_order WHERE change > ? ORDER BY +number').all(change);
    return rows.map((row) => ({ order: orderOf(row), change: Number(row['change']) }));
  }

  /** The latest time at which a download was moved to the front; 0 when none was. */
  latestFrontMs(): number {
    const latest = 'SELECT max(front_at_ms) AS latest FROM download_order WHERE front_at_ms IS NOT NULL';
    return Number(this.store.prepare(latest).get()?.['latest'] ?? 0);
  }

  #put(order: DownloadOrder): void {
    this.store
      .prepare(
        `INSERT INTO download_order (id, document_id, requested_at_ms, is_paused, priority, front_at_ms,
           wanted_at_ms, steered_at_ms, ended_at_ms, outcome, cause, reason, change)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(change), 0) + 1 FROM download_order))
         ON CONFLICT (id) DO UPDATE SET requested_at_ms = excluded.requested_at_ms, is_paused = excluded.is_paused,
           priority = excluded.priority, front_at_ms = excluded.front_at_ms, wanted_at_ms = excluded.wanted_at_ms,
           steered_at_ms = excluded.steered_at_ms, ended_at_ms = excluded.ended_at_ms, outcome = excluded.outcome,
           cause = excluded.cause, reason = excluded.reason, change = excluded.change`,
      )
      .run(...rowOf(order));
  }
}

const rowOf = ({ id, documentId, requestedAtMs, desired, steeredAtMs, end }: DownloadOrder) => [
  id,
  documentId,
  requestedAtMs,
  Number(desired.isPaused),
  desired.priority,
  desired.frontAtMs,
  desired.wantedAtMs,
  steeredAtMs,
  end?.endedAtMs ?? null,
  end?.outcome ?? null,
  end?.cause ?? null,
  end?.reason ?? null,
];

const orderOf = (row: Row): DownloadOrder => ({
  id: String(row['id']),
  documentId: String(row['document_id']),
  requestedAtMs: Number(row['requested_at_ms']),
  desired: {
    isPaused: row['is_paused'] === 1,
    priority: String(row['priority']) as DownloadPriority,
    frontAtMs: row['front_at_ms'] as number | null,
    wantedAtMs: Number(row['wanted_at_ms']),
  },
  steeredAtMs: Number(row['steered_at_ms']),
  end:
    row['ended_at_ms'] === null
      ? null
      : {
          outcome: String(row['outcome']) as DownloadEnd['outcome'],
          cause: row['cause'] as DownloadCause | null,
          reason: row['reason'] as string | null,
          endedAtMs: Number(row['ended_at_ms']),
        },
});
