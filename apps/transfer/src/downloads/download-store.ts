import {
  type Data,
  Download,
  type DownloadCause,
  type DownloadCounts,
  type DownloadEnded,
  DownloadPriority,
  DownloadState,
  type DownloadSteered,
} from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import type { DownloadWish } from '../domain/download-commands.ts';

/** A download as it is stored: what users see, what they want, and what is needed to go on with it. */
export interface DownloadRecord extends Download {
  readonly mediaType: string | null;
  readonly wish: DownloadWish;
  readonly steeredAtMs: number;
}

/** Why a download lost its place at work, and when it may have one again. */
export interface Release {
  readonly state: 'queued' | 'paused';
  readonly cause: DownloadCause | null;
  readonly reason: string | null;
  readonly againAtMs: number;
}

type Row = Record<string, unknown>;

/** A forgotten download stays as a row that nobody sees, so that a fact that comes again does not revive it. */
const FORGOTTEN = 'forgotten';
const UNFINISHED = `state IN ('queued', 'active', 'paused')`;

/**
 * The downloads of this node: a read model of TRANSFERS, shared by the replicas of transfer. Facts about one download
 * may come in any order, so each part of a row is that of the latest fact about it. A download is worked on by the
 * replica that holds its lease.
 */
export class DownloadStore {
  constructor(private readonly model: ReadModel) {}

  /** Adds a download; answers false when this id is known already, whatever became of it. */
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

  /** Takes in what the user wants now; an older wish than the one that is known changes nothing. */
  steer({ id, isPaused, priority, frontAtMs, wantedAtMs, steeredAtMs }: Data<typeof DownloadSteered>): void {
    this.model.transaction(() => {
      const { changes } = this.model
        .prepare(
          `UPDATE download SET is_paused = ?, priority = ?, front_at_ms = ?, steered_at_ms = ?
           WHERE id = ? AND steered_at_ms < ?`,
        )
        .run(Number(isPaused), rankOf(priority), frontAtMs ?? 0, steeredAtMs, id, steeredAtMs);
      this.model
        .prepare(
          `UPDATE download SET wanted_at_ms = ?, again_at_ms = 0, state = iif(state = 'active', state, 'queued'), cause = NULL,
           reason = NULL
         WHERE id = ? AND wanted_at_ms < ? AND ended_at_ms < ? AND state != '${FORGOTTEN}'`,
        )
        .run(wantedAtMs, id, wantedAtMs, wantedAtMs);
      if (Number(changes) > 0) this.#followWish(id);
    });
  }

  /** Pauses what is to be paused, and lets go on what was. */
  #followWish(id: string): void {
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
        `UPDATE download SET state = ?, cause = ?, reason = ?, ended_at_ms = ?
         WHERE id = ? AND wanted_at_ms <= ? AND ended_at_ms <= ?`,
      )
      .run(outcome, cause, reason, endedAtMs, id, endedAtMs, endedAtMs);
  }

  /** Does several things as one transaction. */
  transaction(work: () => void): void {
    this.model.transaction(work);
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
    { most, onlyBegun = false }: { readonly most: number; readonly onlyBegun?: boolean },
    nowMs: number,
    leasedUntilMs: number,
  ): DownloadRecord[] {
    return this.model.transaction(() => {
      const leased = this.model
        .prepare('SELECT document_id FROM download WHERE leased_until_ms > ?')
        .all(nowMs)
        .map((row) => String(row['document_id']));
      const free = Math.max(0, most - leased.length);
      const rows = this.model
        .prepare(
          `SELECT * FROM download
           WHERE ${UNFINISHED} AND is_paused = 0 AND again_at_ms <= ? AND leased_until_ms <= ? AND bytes_done >= ?
             AND document_id NOT IN (SELECT value FROM json_each(?))
           ORDER BY priority DESC, front_at_ms DESC, number LIMIT ?`,
        )
        .all(nowMs, nowMs, Number(onlyBegun), JSON.stringify(leased), free);
      const take = this.model.prepare(
        `UPDATE download SET state = 'active', cause = NULL, reason = NULL, replica = ?, leased_until_ms = ? WHERE id = ?`,
      );
      const next = [...new Map(rows.toReversed().map((row) => [row['document_id'], row])).values()].toReversed();
      for (const { id } of next) take.run(replica, leasedUntilMs, String(id));
      return next.map((row) => recordOf({ ...row, state: 'active', cause: null, reason: null }));
    });
  }

  /** Whether a download waits that could be at work. */
  isAnyWaiting(nowMs: number): boolean {
    return (
      this.model
        .prepare(
          `SELECT 1 FROM download
           WHERE ${UNFINISHED} AND is_paused = 0 AND again_at_ms <= ? AND leased_until_ms <= ? LIMIT 1`,
        )
        .get(nowMs, nowMs) !== undefined
    );
  }

  /** Keeps a replica's leases; answers the downloads that it may work on. */
  renew(replica: string, leasedUntilMs: number): Set<string> {
    const rows = this.model
      .prepare(`UPDATE download SET leased_until_ms = ? WHERE replica = ? AND state = 'active' RETURNING id`)
      .all(leasedUntilMs, replica);
    return new Set(rows.map(({ id }) => String(id)));
  }

  /** Gives a lease back; the state changes only when nothing else has changed it meanwhile. */
  release(id: string, replica: string, { state, cause, reason, againAtMs }: Release): void {
    this.model
      .prepare(
        `UPDATE download SET state = ?, cause = ?, reason = ?, again_at_ms = ? WHERE id = ? AND replica = ? AND state = 'active'`,
      )
      .run(state, cause, reason, againAtMs, id, replica);
    this.model
      .prepare('UPDATE download SET replica = NULL, leased_until_ms = 0 WHERE id = ? AND replica = ?')
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
    wish: {
      isPaused: row['is_paused'] === 1,
      priority,
      frontAtMs: Number(row['front_at_ms']) || null,
      wantedAtMs: Number(row['wanted_at_ms']),
    },
  };
}
