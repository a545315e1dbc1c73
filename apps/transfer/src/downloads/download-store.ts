import { Download, type DownloadState } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';

/** A download as it is stored: what users see, and what is needed to go on with it. */
export interface DownloadRecord extends Download {
  readonly mediaType: string | null;
}

type Row = Record<string, unknown>;

/** A cancelled download stays as a row that nobody sees, so that a fact that comes again does not revive it. */
const CANCELLED = 'cancelled';
const UNFINISHED = `('queued', 'active', 'paused')`;

/** The downloads of this node: a read model of TRANSFERS. */
export class DownloadStore {
  constructor(private readonly model: ReadModel) {}

  /** Adds a download; answers false when this id is known already, whatever became of it. */
  add(id: string, documentId: string, requestedAtMs: number): boolean {
    const { changes } = this.model.db
      .prepare(
        `INSERT INTO download (id, document_id, name, bytes_done, state, sources, requested_at_ms)
         VALUES (?, ?, ?, 0, 'queued', '[]', ?) ON CONFLICT (id) DO NOTHING`,
      )
      .run(id, documentId, documentId, requestedAtMs);
    return Number(changes) > 0;
  }

  /** Stores how a download stands now; one that has ended stays as it ended. */
  save({ id, name, mediaType, sizeBytes, bytesDone, state, reason, sources }: DownloadRecord): void {
    this.model.db
      .prepare(
        `UPDATE download SET name = ?, media_type = ?, size_bytes = ?, bytes_done = ?, state = ?, reason = ?, sources = ?
         WHERE id = ? AND state IN ${UNFINISHED}`,
      )
      .run(name, mediaType, sizeBytes, bytesDone, state, reason, JSON.stringify(sources), id);
  }

  /** Stores how a download ended, in one transaction with what tells of it. */
  end(record: DownloadRecord, alsoStore: () => void): void {
    this.model.transaction(() => {
      this.save(record);
      alsoStore();
    });
  }

  /** Hides a download for good. */
  hide(id: string): void {
    this.model.db.prepare('UPDATE download SET state = ? WHERE id = ?').run(CANCELLED, id);
  }

  get(id: string): DownloadRecord | undefined {
    const row = this.model.db.prepare('SELECT * FROM download WHERE id = ? AND state != ?').get(id, CANCELLED);
    return row && recordOf(row);
  }

  /** The download of a document that has not ended, if there is one. */
  unfinishedOf(documentId: string): DownloadRecord | undefined {
    return this.unfinished().find((download) => download.documentId === documentId);
  }

  /** The downloads that have not ended, the oldest first. */
  unfinished(): DownloadRecord[] {
    const rows = this.model.db.prepare(`SELECT * FROM download WHERE state IN ${UNFINISHED} ORDER BY number`).all();
    return rows.map(recordOf);
  }

  /** A page of downloads, newest first, after the one that the cursor names. */
  list(cursor: number | undefined, limit: number): { items: Download[]; nextCursor: number | null } {
    const rows = this.model.db
      .prepare('SELECT * FROM download WHERE state != ? AND number < ? ORDER BY number DESC LIMIT ?')
      .all(CANCELLED, cursor ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const page = rows.slice(0, limit);
    return { items: page.map(recordOf), nextCursor: rows.length > limit ? Number(page.at(-1)?.['number']) : null };
  }
}

const recordOf = (row: Row): DownloadRecord => ({
  id: String(row['id']),
  documentId: String(row['document_id']),
  name: String(row['name']),
  mediaType: row['media_type'] as string | null,
  sizeBytes: row['size_bytes'] === null ? null : Number(row['size_bytes']),
  bytesDone: Number(row['bytes_done']),
  state: String(row['state']) as DownloadState,
  reason: row['reason'] as string | null,
  sources: JSON.parse(String(row['sources'])) as Download['sources'],
  requestedAtMs: Number(row['requested_at_ms']),
});
