import {
  type Data,
  Download,
  type DownloadCause,
  type DownloadCounts,
  type DownloadEnded,
  DownloadPriority,
  DownloadState,
} from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import { isUnfinished } from './download-commands.ts';
import { type DesiredDownload, type DownloadEnd, type DownloadOrder, endOf } from '../domain/download-order.ts';

/** A download as it is stored: what users see, what they want, and what is needed to go on with it. */
export interface DownloadRecord extends Download {
  readonly mediaType: string | null;
  readonly desired: DesiredDownload;
  readonly steeredAtMs: number;
  /** When it ended last; 0 when never. */
  readonly endedAtMs: number;
}

/** How much of an order the read model has taken in. */
export type OrderVersion = Pick<DownloadRecord, 'requestedAtMs' | 'steeredAtMs' | 'endedAtMs'>;

/** Why a download lost its place at work. */
export interface Release {
  readonly state: 'queued' | 'paused';
  readonly cause: DownloadCause | null;
  readonly reason: string | null;
  /** Whether the replica keeps it from being claimed for a while: {@link DownloadStore.endRest}. */
  readonly rests: boolean;
}

type Row = Record<string, unknown>;

/** A forgotten download stays as a row that nobody sees, so that a fact that comes again does not revive it. */
const FORGOTTEN = 'forgotten';
const UNFINISHED = `state IN ('queued', 'active', 'paused')`;
/** No replica that is alive holds its lease. */
const FREE = '(replica IS NULL OR replica NOT IN (SELECT name FROM replica))';

/**
 * The downloads of this node: a read model of the orders, shared by the replicas of transfer. Accounts of one order may
 * come in any order, so each part of a row is that of the latest account. A download is worked on by the replica that
 * holds its lease; a lease holds for as long as its replica stands in the table `replica`.
 */
export class DownloadStore {
  constructor(private readonly model: ReadModel) {}

  /** Adds a download; returns false when this id is known already, whatever became of it. */
  add(id: string, documentId: string, requestedAtMs: number): boolean {
    const { changes } = this.model
      .prepare(
        `INSERT INTO download (id, document_id, name, bytes_done, state, sources, requested_at_ms, wanted_at_ms)
         VALUES (?, ?, ?, 0, 'queued', '[]', ?, ?) ON CONFLICT (id) DO NOTHING`,
      )
      .run(id, documentId, documentId, requestedAtMs, requestedAtMs);
    if (Number(changes) > 0) return true;
    this.model
      .prepare('UPDATE download SET requested_at_ms = ? WHERE id = ? AND requested_at_ms > ?')
      .run(requestedAtMs, id, requestedAtMs);
    return false;
  }

  /** Takes in an order; what is known already changes nothing. */
  apply(order: DownloadOrder): void {
    const { id, documentId, requestedAtMs, desired, steeredAtMs } = order;
    const end = endOf(order);
    this.add(id, documentId, requestedAtMs);
    if (steeredAtMs > 0) this.#steer(id, desired, steeredAtMs);
    if (end) this.end({ id, ...end });
  }

  /** How much of an order is known here, also of one that was forgotten. */
  versionOf(id: string): OrderVersion | undefined {
    const row = this.model.prepare('SELECT * FROM download WHERE id = ?').get(id);
    return row && recordOf(row);
  }

  /** All orders that are known here, also those that were forgotten, in the order of their requests. */
  *orders(): Generator<DownloadOrder> {
    for (const row of this.model.prepare('SELECT * FROM download ORDER BY number').iterate()) {
      const { id, documentId, requestedAtMs, desired, steeredAtMs } = recordOf(row);
      yield { id, documentId, requestedAtMs, desired, steeredAtMs, end: endOfRow(row) };
    }
  }

  #steer(id: string, { isPaused, priority, frontAtMs, wantedAtMs }: DesiredDownload, steeredAtMs: number): void {
    const { changes } = this.model
      .prepare(
        `UPDATE download SET is_paused = ?, priority = ?, front_at_ms = ?, steered_at_ms = ?
         WHERE id = ? AND steered_at_ms < ?`,
      )
      .run(Number(isPaused), rankOf(priority), frontAtMs ?? 0, steeredAtMs, id, steeredAtMs);
    this.model
      .prepare(
        `UPDATE download SET wanted_at_ms = ?, replica = iif(is_resting, NULL, replica), is_resting = 0,
           state = iif(state = 'active', state, 'queued'), cause = NULL, reason = NULL
         WHERE id = ? AND wanted_at_ms < ? AND ended_at_ms < ? AND state != '${FORGOTTEN}'`,
      )
      .run(wantedAtMs, id, wantedAtMs, wantedAtMs);
    if (Number(changes) > 0) this.#followDesired(id);
  }

  /** Pauses what is to be paused, and queues what was. */
  #followDesired(id: string): void {
    this.model
      .prepare(
        `UPDATE download SET state = 'paused', cause = 'user', reason = NULL WHERE id = ? AND is_paused = 1 AND ${UNFINISHED}`,
      )
      .run(id);
    this.model
      .prepare(
        `UPDATE download SET state = 'queued', cause = NULL
       WHERE id = ? AND is_paused = 0 AND state = 'paused' AND cause = 'user'`,
      )
      .run(id);
  }

  /** Stores the end of a download, unless it was wanted again since. */
  end({ id, outcome, cause, reason, endedAtMs }: Omit<Data<typeof DownloadEnded>, 'documentId'>): void {
    this.model
      .prepare(
        `UPDATE download SET state = ?, cause = ?, reason = ?, ended_at_ms = ?,
           bytes_done = iif(? = 'completed', coalesce(size_bytes, bytes_done), bytes_done)
         WHERE id = ? AND wanted_at_ms <= ? AND ended_at_ms <= ?`,
      )
      .run(outcome, cause, reason, endedAtMs, outcome, id, endedAtMs, endedAtMs);
  }

  /** Runs the work as one transaction. */
  transaction<T>(work: () => T): T {
    return this.model.transaction(work);
  }

  /** Stores how far a download has come; why it does not go on, only while it is at work. */
  saveProgress({ id, name, mediaType, sizeBytes, bytesDone, sources, cause, reason }: DownloadRecord): void {
    this.model
      .prepare(
        `UPDATE download SET name = ?, media_type = ?, size_bytes = ?, bytes_done = ?, sources = ?,
           cause = iif(state = 'active', ?, cause), reason = iif(state = 'active', ?, reason)
         WHERE id = ? AND ${UNFINISHED}`,
      )
      .run(name, mediaType, sizeBytes, bytesDone, JSON.stringify(sources), cause, reason, id);
  }

  /**
   * Takes the next downloads for a replica, so many that no more than `most` are at work on the whole node, each of
   * another document; with `onlyBegun` only those that have fetched something before.
   */
  claim(
    replica: string,
    beat: number,
    { most, onlyBegun = false }: { readonly most: number; readonly onlyBegun?: boolean },
  ): DownloadRecord[] {
    return this.model.transaction(() => {
      const leased = this.model
        .prepare(`SELECT document_id FROM download WHERE replica IS NOT NULL AND is_resting = 0 AND NOT ${FREE}`)
        .all()
        .map((row) => String(row['document_id']));
      const free = Math.max(0, most - leased.length);
      const rows = this.model
        .prepare(
          `SELECT * FROM download
           WHERE ${UNFINISHED} AND is_paused = 0 AND ${FREE} AND bytes_done >= ?
             AND document_id NOT IN (SELECT value FROM json_each(?))
           ORDER BY priority DESC, front_at_ms DESC, number LIMIT ?`,
        )
        .all(Number(onlyBegun), JSON.stringify(leased), free);
      const take = this.model.prepare(
        `UPDATE download SET state = 'active', cause = NULL, reason = NULL, replica = ?, is_resting = 0 WHERE id = ?`,
      );
      const next = [...new Map(rows.toReversed().map((row) => [row['document_id'], row])).values()].toReversed();
      if (next.length > 0) this.beat(replica, beat);
      for (const { id } of next) take.run(replica, String(id));
      return next.map((row) => recordOf({ ...row, state: 'active', cause: null, reason: null }));
    });
  }

  /** Whether a download waits that could be at work. */
  isAnyWaiting(): boolean {
    const waiting = `SELECT 1 FROM download WHERE ${UNFINISHED} AND is_paused = 0 AND ${FREE} LIMIT 1`;
    return this.model.prepare(waiting).get() !== undefined;
  }

  /** Shows that a replica is alive; each of its beats is another number. */
  beat(replica: string, beat: number): void {
    this.model.prepare('INSERT OR REPLACE INTO replica (name, beat) VALUES (?, ?)').run(replica, beat);
  }

  /** The replicas that hold leases, each with its latest beat. */
  replicas(): Map<string, number> {
    const rows = this.model.prepare('SELECT name, beat FROM replica').all();
    return new Map(rows.map(({ name, beat }) => [String(name), Number(beat)]));
  }

  /** Frees the leases of a replica that has died after this beat. */
  dropReplica(replica: string, beat: number): void {
    this.model.prepare('DELETE FROM replica WHERE name = ? AND beat = ?').run(replica, beat);
  }

  /** The downloads whose leases a replica holds and that do not rest, each with whether it should be at work. */
  heldBy(replica: string): Map<string, boolean> {
    const rows = this.model.prepare('SELECT id, state FROM download WHERE replica = ? AND is_resting = 0').all(replica);
    return new Map(rows.map(({ id, state }) => [String(id), state === 'active']));
  }

  /** Gives a lease back, or rests with it; the state changes only when nothing else has changed it meanwhile. */
  release(id: string, replica: string, { state, cause, reason, rests }: Release): void {
    this.model
      .prepare(
        `UPDATE download SET state = ?, cause = ?, reason = ?, is_resting = ?
         WHERE id = ? AND replica = ? AND is_resting = 0 AND state = 'active'`,
      )
      .run(state, cause, reason, Number(rests), id, replica);
    this.model
      .prepare('UPDATE download SET replica = NULL WHERE id = ? AND replica = ? AND is_resting = 0')
      .run(id, replica);
  }

  /** Gives the lease of a download that rests back: it can be claimed again. */
  endRest(id: string, replica: string): void {
    this.model
      .prepare('UPDATE download SET replica = NULL, is_resting = 0 WHERE id = ? AND replica = ? AND is_resting = 1')
      .run(id, replica);
  }

  get(id: string): DownloadRecord | undefined {
    const row = this.model.prepare(`SELECT * FROM download WHERE id = ? AND state != '${FORGOTTEN}'`).get(id);
    return row && recordOf(row);
  }

  /** The download of a document that has not ended, if there is one. */
  unfinishedOf(documentId: string): DownloadRecord | undefined {
    const row = this.model
      .prepare(`SELECT * FROM download WHERE document_id = ? AND ${UNFINISHED} LIMIT 1`)
      .get(documentId);
    return row && recordOf(row);
  }

  /** A page of downloads, newest first, after the one that the cursor names. */
  list(
    state: DownloadState | undefined,
    cursor: number | undefined,
    limit: number,
  ): { items: DownloadRecord[]; nextCursor: number | null } {
    const rows = this.model
      .prepare(
        `SELECT * FROM download WHERE ${state ? 'state = ?' : 'state != ?'} AND number < ? ORDER BY number DESC LIMIT ?`,
      )
      .all(state ?? FORGOTTEN, cursor ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const page = rows.slice(0, limit);
    return { items: page.map(recordOf), nextCursor: rows.length > limit ? Number(page.at(-1)?.['number']) : null };
  }

  /** How many downloads stand in each state. */
  counts(): DownloadCounts {
    const rows = this.model.prepare('SELECT state, count(*) AS n FROM download GROUP BY state').all();
    const counted = new Map(rows.map(({ state, n }) => [String(state), Number(n)]));
    return Object.fromEntries(DownloadState.options.map((state) => [state, counted.get(state) ?? 0])) as DownloadCounts;
  }
}

/** How a download ended, as long as that is its state. */
function endOfRow(row: Row): DownloadEnd | null {
  const { state, cause, reason, endedAtMs } = recordOf(row);
  if (isUnfinished(state)) return null;
  return { outcome: state as DownloadEnd['outcome'], cause, reason, endedAtMs };
}

const rankOf = (priority: DownloadPriority): number => DownloadPriority.options.indexOf(priority);

function recordOf(row: Row): DownloadRecord {
  const priority = DownloadPriority.options[Number(row['priority'])] ?? 'normal';
  return {
    id: String(row['id']),
    documentId: String(row['document_id']),
    name: String(row['name']),
    mediaType: row['media_type'] as string | null,
    sizeBytes: row['size_bytes'] === null ? null : Number(row['size_bytes']),
    bytesDone: Number(row['bytes_done']),
    state: String(row['state']) as DownloadState,
    cause: row['cause'] as DownloadCause | null,
    reason: row['reason'] as string | null,
    priority,
    sources: JSON.parse(String(row['sources'])) as Download['sources'],
    requestedAtMs: Number(row['requested_at_ms']),
    steeredAtMs: Number(row['steered_at_ms']),
    endedAtMs: Number(row['ended_at_ms']),
    desired: {
      isPaused: row['is_paused'] === 1,
      priority,
      frontAtMs: Number(row['front_at_ms']) || null,
      wantedAtMs: Number(row['wanted_at_ms']),
    },
  };
}
