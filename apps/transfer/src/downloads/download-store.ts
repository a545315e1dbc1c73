import { type DownloadCounts, DownloadPriority, DownloadState as ShownState } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import { type DesiredDownload, type DownloadEnd, type DownloadOrder, endOf, isFinal } from './orders/download-order.ts';
import {
  type DownloadProgress,
  type DownloadRecord,
  CRASHED,
  HELD,
  UNFINISHED,
  columnsOf,
  recordOf,
  shownState,
} from './download-record.ts';
import { type DownloadEvent, type DownloadState, type Holder, isAtWork, isEnded, next } from './download-state.ts';

/** Which changes of an order the read model has applied. */
export type OrderVersion = Pick<DownloadRecord, 'requestedAtMs' | 'steeredAtMs' | 'endedAtMs'>;

/** No replica that is alive holds its lease. */
const FREE = '(replica IS NULL OR replica NOT IN (SELECT name FROM replica))';
const CLAIMABLE = `${UNFINISHED} AND is_paused = 0 AND ${FREE} AND NOT ${HELD} AND NOT ${CRASHED}`;
/** This index has the order of {@link IN_TURN}: without it SQLite sorts all waiting downloads for each claim. */
const IN_QUEUE = 'download INDEXED BY download_queue';
const IN_TURN = 'ORDER BY priority DESC, front_at_ms DESC, number';

/**
 * The downloads of this node: a read model of the orders, shared by the replicas of transfer. Accounts of one order may
 * come in any order, so each part of a row is that of the latest account; what becomes of a download's state is decided
 * by {@link next} alone. A download is worked on by the replica that holds its lease; a lease holds for as long as its
 * replica stands in the table `replica`.
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

  /** Applies an order; one that is known already changes nothing. */
  apply(order: DownloadOrder): void {
    const { id, documentId, requestedAtMs, desired, steeredAtMs } = order;
    const end = endOf(order);
    this.add(id, documentId, requestedAtMs);
    if (steeredAtMs > 0) this.#steer(id, desired, steeredAtMs);
    if (end) this.end(id, end);
  }

  /** Which changes of an order are known here, also of one that was forgotten. */
  versionOf(id: string): OrderVersion | undefined {
    return this.#record(id);
  }

  /** All orders that are known here, also those that were forgotten, in the order of their requests. */
  *orders(): Generator<DownloadOrder> {
    for (const row of this.model.prepare('SELECT * FROM download ORDER BY number').iterate())
      yield orderOf(recordOf(row));
  }

  #steer(id: string, desired: DesiredDownload, steeredAtMs: number): void {
    const known = this.#record(id);
    if (!known) return;
    const { priority, frontAtMs, wantedAtMs } = desired;
    const isLater = steeredAtMs > known.steeredAtMs;
    const isPaused = isLater ? desired.isPaused : known.desired.isPaused;
    const isWantedAgain = wantedAtMs > known.desired.wantedAtMs && wantedAtMs > known.endedAtMs;
    if (isWantedAgain) {
      this.model
        .prepare(
          'UPDATE download SET wanted_at_ms = ?, replica = iif(is_resting, NULL, replica), is_resting = 0 WHERE id = ?',
        )
        .run(wantedAtMs, id);
      this.change(id, { kind: 'retried' });
    }
    if (isLater) {
      this.model
        .prepare('UPDATE download SET is_paused = ?, priority = ?, front_at_ms = ?, steered_at_ms = ? WHERE id = ?')
        .run(Number(isPaused), rankOf(priority), frontAtMs ?? 0, steeredAtMs, id);
    }
    if (isLater || isWantedAgain) this.change(id, { kind: isPaused ? 'owner paused' : 'owner resumed' });
  }

  /** Stores the end of a download, unless it was wanted again since. */
  end(id: string, end: DownloadEnd): void {
    const known = this.#record(id);
    if (!known || (!isFinal(end) && (end.endedAtMs < known.desired.wantedAtMs || end.endedAtMs < known.endedAtMs)))
      return;
    if (this.change(id, eventOf(end))?.kind !== end.outcome) return;
    this.model
      .prepare(
        `UPDATE download SET ended_at_ms = max(ended_at_ms, ?),
           bytes_done = iif(state = 'completed', coalesce(size_bytes, bytes_done), bytes_done) WHERE id = ?`,
      )
      .run(end.endedAtMs, id);
  }

  /** Applies an event to a download and returns its state after that. */
  change(id: string, event: DownloadEvent): DownloadState | undefined {
    const known = this.#record(id);
    const state = known && next(known.state, event);
    if (state && state !== known.state) this.#write(id, state);
    return state;
  }

  /** Runs the work as one transaction. */
  transaction<T>(work: () => T): T {
    return this.model.transaction(work);
  }

  /** Stores how far a download that has not ended has come. */
  saveProgress(id: string, { name, mediaType, sizeBytes, bytesDone, sources }: DownloadProgress): void {
    this.model
      .prepare(
        `UPDATE download SET name = ?, media_type = ?, size_bytes = ?, bytes_done = ?, sources = ?
         WHERE id = ? AND ${UNFINISHED}`,
      )
      .run(name, mediaType, sizeBytes, bytesDone, JSON.stringify(sources), id);
  }

  /**
   * Takes the next downloads for a replica, so that no more than `most` are at work on the whole node, each of
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
          `SELECT * FROM ${IN_QUEUE}
           WHERE ${CLAIMABLE} AND bytes_done >= ? AND document_id NOT IN (SELECT value FROM json_each(?))
           ${IN_TURN} LIMIT ?`,
        )
        .all(Number(onlyBegun), JSON.stringify(leased), free);
      const first = [...new Map(rows.toReversed().map((row) => [row['document_id'], row])).values()].toReversed();
      if (first.length > 0) this.beat(replica, beat);
      const take = this.model.prepare('UPDATE download SET replica = ?, is_resting = 0 WHERE id = ?');
      return first.map((row) => {
        const record = recordOf(row);
        take.run(replica, record.id);
        return { ...record, state: this.change(record.id, { kind: 'claimed' }) ?? record.state };
      });
    });
  }

  /** Whether a download waits that could be at work. */
  isAnyWaiting(): boolean {
    return this.model.prepare(`SELECT 1 FROM download WHERE ${CLAIMABLE} LIMIT 1`).get() !== undefined;
  }

  /** Returns the documents of the downloads that are next in turn. */
  nextDocuments(limit: number): string[] {
    return this.model
      .prepare(`SELECT document_id FROM ${IN_QUEUE} WHERE ${CLAIMABLE} ${IN_TURN} LIMIT ?`)
      .all(limit)
      .map((row) => String(row['document_id']));
  }

  /** Holds all downloads that could be at work; returns those that were not held before. */
  hold(by: Holder, reason: string): string[] {
    return this.#changeAll(`${UNFINISHED} AND is_paused = 0 AND NOT ${HELD}`, { kind: 'held', by, reason });
  }

  /** Releases the downloads that this holder holds; returns them. */
  release(by: Holder): string[] {
    return this.#changeAll(HELD, { kind: 'released', by });
  }

  #changeAll(condition: string, event: DownloadEvent): string[] {
    const rows = this.model.prepare(`SELECT * FROM download WHERE ${condition}`).all();
    if (rows.length === 0) return [];
    return this.model.transaction(() =>
      rows.map(recordOf).flatMap(({ id, state }) => {
        const after = next(state, event);
        if (after === state) return [];
        this.#write(id, after);
        return [id];
      }),
    );
  }

  /** Stores that a replica is alive; each of its beats is another number. */
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

  /** The downloads whose leases a replica holds and that do not rest. */
  leasedBy(replica: string): Map<string, DownloadRecord> {
    const rows = this.model.prepare('SELECT * FROM download WHERE replica = ? AND is_resting = 0').all(replica);
    return new Map(rows.map(recordOf).map((record) => [record.id, record]));
  }

  /**
   * Gives a lease back, or rests with it, after what happened; the state changes only when nothing else has changed it
   * meanwhile.
   */
  giveBack(id: string, replica: string, event: DownloadEvent, { rests }: { readonly rests: boolean }): void {
    this.model.transaction(() => {
      const held = this.leasedBy(replica).get(id);
      if (!held) return;
      const wasAtWork = isAtWork(held.state);
      if (wasAtWork) this.change(id, event);
      if (wasAtWork && rests) this.model.prepare('UPDATE download SET is_resting = 1 WHERE id = ?').run(id);
      else this.model.prepare('UPDATE download SET replica = NULL WHERE id = ?').run(id);
    });
  }

  /** Gives the lease of a download that rests back: it can be claimed again. */
  endRest(id: string, replica: string): void {
    this.model
      .prepare('UPDATE download SET replica = NULL, is_resting = 0 WHERE id = ? AND replica = ? AND is_resting = 1')
      .run(id, replica);
  }

  get(id: string): DownloadRecord | undefined {
    const record = this.#record(id);
    return record?.state.kind === 'forgotten' ? undefined : record;
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
    state: ShownState | undefined,
    cursor: number | undefined,
    limit: number,
  ): { items: DownloadRecord[]; nextCursor: number | null } {
    const rows = this.model
      .prepare(
        `SELECT * FROM download WHERE ${state ? 'state = ?' : 'state != ?'} AND number < ? ORDER BY number DESC LIMIT ?`,
      )
      .all(state ?? 'forgotten', cursor ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const page = rows.slice(0, limit);
    return { items: page.map(recordOf), nextCursor: rows.length > limit ? Number(page.at(-1)?.['number']) : null };
  }

  /** How many downloads stand in each state. */
  counts(): DownloadCounts {
    const rows = this.model.prepare('SELECT state, count(*) AS n FROM download GROUP BY state').all();
    const counted = new Map(rows.map(({ state, n }) => [String(state), Number(n)]));
    return Object.fromEntries(ShownState.options.map((state) => [state, counted.get(state) ?? 0])) as DownloadCounts;
  }

  #record(id: string): DownloadRecord | undefined {
    const row = this.model.prepare('SELECT * FROM download WHERE id = ?').get(id);
    return row && recordOf(row);
  }

  #write(id: string, state: DownloadState): void {
    const { state: shown, cause, reason } = columnsOf(state);
    this.model
      .prepare('UPDATE download SET state = ?, cause = ?, reason = ? WHERE id = ?')
      .run(shown, cause, reason, id);
  }
}

const rankOf = (priority: DownloadPriority): number => DownloadPriority.options.indexOf(priority);

function eventOf({ outcome, cause, reason }: DownloadEnd): DownloadEvent {
  if (outcome !== 'failed') return { kind: outcome };
  return { kind: 'failed', code: cause === 'invalid-document' ? cause : 'internal', reason };
}

function orderOf({ id, documentId, requestedAtMs, desired, steeredAtMs, state, endedAtMs }: DownloadRecord) {
  return { id, documentId, requestedAtMs, desired, steeredAtMs, end: endOfState(state, endedAtMs) };
}

/** How a download ended, as long as that is its state. */
function endOfState(state: DownloadState, endedAtMs: number): DownloadEnd | null {
  if (!isEnded(state)) return null;
  if (state.kind === 'forgotten') return { outcome: state.kind, cause: null, reason: null, endedAtMs };
  const { cause, reason } = shownState(state);
  return { outcome: state.kind as DownloadEnd['outcome'], cause, reason, endedAtMs };
}
