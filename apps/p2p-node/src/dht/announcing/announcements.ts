import { type ReadModel, openReadModel } from '@allibrary/platform';
import { CID } from 'multiformats/cid';
import { placeOf } from '../key-space.ts';
import { LATEST_RENEWAL_MS, renewAtMs } from '../record-life.ts';

/** Opens the documents that this node shares, and when each was announced on the network of a profile. */
export const openAnnouncementsReadModel = (file: string): ReadModel =>
  openReadModel({
    file,
    version: 4,
    schema: `
      CREATE TABLE announcement (
        document_id TEXT PRIMARY KEY,
        place BLOB NOT NULL,
        revision INTEGER NOT NULL,
        shared INTEGER NOT NULL,
        announced_at_ms REAL,
        dht_peers INTEGER NOT NULL DEFAULT 0,
        due_at_ms REAL NOT NULL DEFAULT 0
      ) WITHOUT ROWID;
      CREATE INDEX announcement_due ON announcement (due_at_ms, place) WHERE shared = 1;
      CREATE INDEX announcement_reach ON announcement (dht_peers, place) WHERE shared = 1;
      CREATE INDEX announcement_place ON announcement (place) WHERE shared = 1 AND announced_at_ms IS NOT NULL;
    `,
  });

/** A document that waits to be announced: its key on the DHT, and where that lies. */
export interface DueDocument {
  readonly documentId: string;
  readonly key: Uint8Array;
  readonly place: Uint8Array;
}

/** What is stored of a document, as it is compared with the catalog. */
export interface RecordedDocument {
  readonly documentId: string;
  readonly revision: number;
  readonly isShared: boolean;
}

/** Documents that this node shares, by the latest fact about each, and which of them are announced. */
export class Announcements {
  constructor(private readonly model: ReadModel) {}

  /** Records that a document is shared, or no longer; returns false for a fact that a later one has overtaken. */
  record(documentId: string, shared: boolean, revision: number): boolean {
    const { changes } = this.model.db
      .prepare(
        `INSERT INTO announcement (document_id, place, revision, shared) VALUES (?, ?, ?, ?)
         ON CONFLICT (document_id) DO UPDATE SET
           revision = excluded.revision,
           announced_at_ms = CASE WHEN shared = excluded.shared THEN announced_at_ms END,
           dht_peers = CASE WHEN shared = excluded.shared THEN dht_peers ELSE 0 END,
           due_at_ms = CASE WHEN shared = excluded.shared THEN due_at_ms ELSE 0 END,
           shared = excluded.shared
         WHERE excluded.revision > announcement.revision`,
      )
      .run(documentId, placeOf(keyOf(documentId)), revision, shared ? 1 : 0);
    return Number(changes) > 0;
  }

  /**
   * Lowers the revision of a document, so that a fact of its owner is recorded that is taken for an older one. Does nothing
   * when the document has another revision than `seen` by now.
   */
  rebase(documentId: string, seen: number, revision: number): void {
    this.model
      .prepare('UPDATE announcement SET revision = ? WHERE document_id = ? AND revision = ?')
      .run(revision, documentId, seen);
  }

  /** What is stored of documents, in the order of their ids, after one of them or, after '', from the first. */
  recorded(after: string, limit: number): RecordedDocument[] {
    return this.model
      .prepare(
        'SELECT document_id, revision, shared FROM announcement WHERE document_id > ? ORDER BY document_id LIMIT ?',
      )
      .all(after, limit)
      .map((row) => ({
        documentId: String(row['document_id']),
        revision: Number(row['revision']),
        isShared: row['shared'] === 1,
      }));
  }

  isShared(documentId: string): boolean {
    return (
      this.model.db.prepare('SELECT shared FROM announcement WHERE document_id = ?').get(documentId)?.['shared'] === 1
    );
  }

  /**
   * Documents whose time has come, with those whose time is near, in the order of the key space; where there are none,
   * those announced to fewer DHT peers than that.
   */
  due(wanted: { nowMs: number; aheadMs: number; dhtPeers: number; limit: number }): DueDocument[] {
    const { nowMs, aheadMs, dhtPeers, limit } = wanted;
    this.#bringBack(nowMs);
    const byTime = this.#select('due_at_ms <= ? ORDER BY due_at_ms, place', nowMs + aheadMs, limit);
    if (byTime.length > 0 && this.#isAnyDue(nowMs)) return byTime;
    return this.#select('dht_peers > 0 AND dht_peers < ? ORDER BY dht_peers, place', dhtPeers, limit);
  }

  /** Notes that documents were announced, among so many DHT peers: they are due again when their round comes. */
  announced(documents: readonly DueDocument[], { atMs, dhtPeers }: { atMs: number; dhtPeers: number }): void {
    const update = this.model.db.prepare(
      `UPDATE announcement SET announced_at_ms = ?, dht_peers = ?, due_at_ms = ?
       WHERE document_id = ? AND shared = 1`,
    );
    this.model.transaction(() => {
      for (const { documentId, place } of documents) update.run(atMs, dhtPeers, renewAtMs(place, atMs), documentId);
    });
  }

  /** Notes that nobody took these announcements, and when to try again; earlier ones stay good. */
  notAnnounced(documents: readonly DueDocument[], dueAtMs: number): void {
    const update = this.model.db.prepare(
      'UPDATE announcement SET dht_peers = 0, due_at_ms = ? WHERE document_id = ? AND shared = 1',
    );
    this.model.transaction(() => {
      for (const { documentId } of documents) update.run(dueAtMs, documentId);
    });
  }

  /** Some announced documents: those that follow each of these places in the key space. */
  announcedAfter(places: readonly Uint8Array[]): string[] {
    const next = this.model.db.prepare(
      `SELECT document_id FROM announcement
       WHERE shared = 1 AND announced_at_ms IS NOT NULL AND place >= ? ORDER BY place LIMIT 1`,
    );
    const found = places.map((place) => next.get(place) ?? next.get(new Uint8Array(0)));
    return [...new Set(found.filter((row) => row !== undefined).map((row) => String(row['document_id'])))];
  }

  /** How many documents are announced, and how many wait. */
  counts(): { announced: number; waiting: number } {
    const row = this.model.db
      .prepare('SELECT count(announced_at_ms) AS announced, count(*) AS shared FROM announcement WHERE shared = 1')
      .get();
    const announced = Number(row?.['announced']);
    return { announced, waiting: Number(row?.['shared']) - announced };
  }

  /** Documents that are due later than any renewal can be were announced while the clock was ahead: they are due now. */
  #bringBack(nowMs: number): void {
    this.model.db
      .prepare('UPDATE announcement SET due_at_ms = ? WHERE shared = 1 AND due_at_ms > ?')
      .run(nowMs, nowMs + LATEST_RENEWAL_MS);
  }

  #isAnyDue(nowMs: number): boolean {
    return (
      this.model.db.prepare('SELECT 1 FROM announcement WHERE shared = 1 AND due_at_ms <= ? LIMIT 1').get(nowMs) !==
      undefined
    );
  }

  #select(condition: string, value: number, limit: number): DueDocument[] {
    return this.model.db
      .prepare(`SELECT document_id, place FROM announcement WHERE shared = 1 AND ${condition} LIMIT ?`)
      .all(value, limit)
      .map((row) => {
        const documentId = String(row['document_id']);
        return { documentId, key: keyOf(documentId), place: row['place'] as Uint8Array };
      });
  }
}

/** A document's key on the DHT. */
const keyOf = (documentId: string): Uint8Array => CID.parse(documentId).multihash.bytes;
