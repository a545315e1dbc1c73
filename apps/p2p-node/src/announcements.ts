import { join } from 'node:path';
import { type ReadModel, openReadModel } from '@allibrary/platform';

/** Opens p2p-node's read model: the documents that this node shares, and when each was announced. */
export const openAnnouncementsReadModel = (dataDir: string): ReadModel =>
  openReadModel({
    file: join(dataDir, 'p2p-node', 'announcements.sqlite'),
    version: 1,
    schema: `
      CREATE TABLE announcement (
        document_id TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL,
        shared INTEGER NOT NULL,
        announced_at_ms REAL
      ) WITHOUT ROWID;
      CREATE INDEX announcement_due ON announcement (announced_at_ms) WHERE shared = 1;
    `,
  });

/** Which documents this node shares, by the latest fact about each, and which of them the DHT knows of. */
export class Announcements {
  constructor(private readonly model: ReadModel) {}

  /** Takes in that a document is shared, or no longer; answers false for a fact that a later one has overtaken. */
  record(documentId: string, shared: boolean, sequence: number): boolean {
    const { changes } = this.model.db
      .prepare(
        `INSERT INTO announcement (document_id, sequence, shared) VALUES (?, ?, ?)
         ON CONFLICT (document_id) DO UPDATE SET
           sequence = excluded.sequence,
           announced_at_ms = CASE WHEN shared = excluded.shared THEN announced_at_ms END,
           shared = excluded.shared
         WHERE excluded.sequence > announcement.sequence`,
      )
      .run(documentId, shared ? 1 : 0, sequence);
    return Number(changes) > 0;
  }

  isShared(documentId: string): boolean {
    return (
      this.model.db.prepare('SELECT shared FROM announcement WHERE document_id = ?').get(documentId)?.['shared'] === 1
    );
  }

  /** Documents that were never announced, or not since the given moment. */
  due(sinceMs: number, limit: number): string[] {
    const rows = this.model.db
      .prepare(
        `SELECT document_id FROM announcement WHERE shared = 1 AND (announced_at_ms IS NULL OR announced_at_ms < ?)
         ORDER BY announced_at_ms LIMIT ?`,
      )
      .all(sinceMs, limit);
    return rows.map((row) => String(row['document_id']));
  }

  /** Notes that a document was announced. */
  announced(documentId: string, atMs: number): void {
    this.model.db.prepare('UPDATE announcement SET announced_at_ms = ? WHERE document_id = ?').run(atMs, documentId);
  }

  /** Makes all documents wait for an announcement again. */
  forgetAnnouncements(): void {
    this.model.db.exec('UPDATE announcement SET announced_at_ms = NULL WHERE announced_at_ms IS NOT NULL');
  }

  /** How many documents are announced, and how many wait. */
  counts(): { announced: number; waiting: number } {
    const row = this.model.db
      .prepare('SELECT count(announced_at_ms) AS announced, count(*) AS shared FROM announcement WHERE shared = 1')
      .get();
    const announced = Number(row?.['announced']);
    return { announced, waiting: Number(row?.['shared']) - announced };
  }
}
