import { join } from 'node:path';
import { type ReadModel, openReadModel } from '@allibrary/platform';

/** Opens p2p-node's read model: the documents that this node shares, and when each was announced. */
export const openAnnouncementsReadModel = (dataDir: string): ReadModel =>
  openReadModel({
    file: join(dataDir, 'p2p-node', 'announcements.sqlite'),
    version: 2,
    schema: `
      CREATE TABLE announcement (
        document_id TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL,
        shared INTEGER NOT NULL,
        announced_at_ms REAL,
        dht_peers INTEGER NOT NULL DEFAULT 0,
        due_at_ms REAL NOT NULL DEFAULT 0
      ) WITHOUT ROWID;
      CREATE INDEX announcement_due ON announcement (due_at_ms) WHERE shared = 1;
      CREATE INDEX announcement_reach ON announcement (dht_peers) WHERE shared = 1;
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
           dht_peers = CASE WHEN shared = excluded.shared THEN dht_peers ELSE 0 END,
           due_at_ms = CASE WHEN shared = excluded.shared THEN due_at_ms ELSE 0 END,
           shared = excluded.shared
         WHERE excluded.sequence > announcement.sequence`,
      )
      .run(documentId, sequence, shared ? 1 : 0);
    return Number(changes) > 0;
  }

  isShared(documentId: string): boolean {
    return (
      this.model.db.prepare('SELECT shared FROM announcement WHERE document_id = ?').get(documentId)?.['shared'] === 1
    );
  }

  /** Documents whose time has come; where there are none, those that fewer than so many DHT peers have heard of. */
  due({ nowMs, dhtPeers, limit }: { nowMs: number; dhtPeers: number; limit: number }): string[] {
    const byTime = this.#ids('due_at_ms <= ? ORDER BY due_at_ms', nowMs, limit);
    return byTime.length > 0 ? byTime : this.#ids('dht_peers > 0 AND dht_peers < ?', dhtPeers, limit);
  }

  /** Notes that a document was announced, among so many DHT peers, and until when that is good. */
  announced(
    documentId: string,
    { atMs, dhtPeers, dueAtMs }: { atMs: number; dhtPeers: number; dueAtMs: number },
  ): void {
    this.model.db
      .prepare(
        `UPDATE announcement SET announced_at_ms = ?, dht_peers = ?, due_at_ms = ?
         WHERE document_id = ? AND shared = 1`,
      )
      .run(atMs, dhtPeers, dueAtMs, documentId);
  }

  /** Notes that nobody took an announcement, and when to try again; an earlier one stays good. */
  notAnnounced(documentId: string, dueAtMs: number): void {
    this.model.db
      .prepare('UPDATE announcement SET dht_peers = 0, due_at_ms = ? WHERE document_id = ? AND shared = 1')
      .run(dueAtMs, documentId);
  }

  /** How many documents are announced, and how many wait. */
  counts(): { announced: number; waiting: number } {
    const row = this.model.db
      .prepare('SELECT count(announced_at_ms) AS announced, count(*) AS shared FROM announcement WHERE shared = 1')
      .get();
    const announced = Number(row?.['announced']);
    return { announced, waiting: Number(row?.['shared']) - announced };
  }

  #ids(condition: string, value: number, limit: number): string[] {
    return this.model.db
      .prepare(`SELECT document_id FROM announcement WHERE shared = 1 AND ${condition} LIMIT ?`)
      .all(value, limit)
      .map((row) => String(row['document_id']));
  }
}
