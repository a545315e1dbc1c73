import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type ReadModel, openReadModel } from '@allibrary/platform';
import type { FileVersion } from '../seeing/sighting.ts';

/** A file last published as found. */
export interface KnownFile extends FileVersion {
  readonly id: number;
  /** Whether it was absent at the last check. */
  readonly isMissing: boolean;
}

/** A known file and its path. */
export interface LocatedFile extends KnownFile {
  readonly path: string;
}

/** A known file that is absent. */
export interface MissingFile {
  readonly id: number;
  readonly path: string;
}

/** A known file that a scan came across. */
export interface SeenFile {
  readonly id: number;
  /** Its present inode: its device may have got another number. */
  readonly inode: string;
}

/** The inode without its device, whose number may change when the disk is mounted again. */
const INODE_ON_DEVICE = "substr(inode, instr(inode, ':'))";

/** How long before a power cut a written file may still be lost: Linux writes it to disk after about 30 s. */
const UNSYNCED_MS = 60_000;

/** The number of no scan: whether the file is still there is unknown. */
export const UNSEEN = 0;

/** Opens the watcher's read model: what it has published. Without it, everything is published again. */
export function openWatcherReadModel(dataDir: string): ReadModel {
  const file = join(dataDir, 'watcher', 'watcher.sqlite');
  const stoppedAtMs = uncleanStopOf(file);
  const model = openReadModel({ file, version: 5, schema: SCHEMA });
  model.transaction(() => {
    model.db.exec('DELETE FROM unclean_stop');
    if (stoppedAtMs === null) return;
    const unsyncedSinceMs = stoppedAtMs - UNSYNCED_MS;
    model.db.prepare('INSERT INTO unclean_stop (unsynced_since_ms) VALUES (?)').run(unsyncedSinceMs);
    model.db
      .prepare('UPDATE collection SET unsynced_since_ms = min(?, coalesce(unsynced_since_ms, ?))')
      .run(unsyncedSinceMs, unsyncedSinceMs);
  });
  return model;
}

/**
 * Time of the last write by a process that never closed the file; null after a clean stop, which removes the log. A power
 * cut may leave the log empty: its time is then that of the start, which is earlier.
 */
const uncleanStopOf = (file: string): number | null =>
  statSync(`${file}-wal`, { throwIfNoEntry: false })?.mtimeMs ?? null;

const SCHEMA = `
  CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_at_ms REAL NOT NULL,
    inode TEXT NOT NULL,
    scan INTEGER NOT NULL,
    missing_at_ms REAL,
    UNIQUE (collection, path)
  );
  CREATE INDEX file_by_inode ON file (${INODE_ON_DEVICE});
  CREATE INDEX missing_file ON file (collection, id) WHERE missing_at_ms IS NOT NULL;
  CREATE TABLE collection (
    id TEXT PRIMARY KEY,
    folder TEXT NOT NULL,
    patterns TEXT NOT NULL,
    root TEXT,
    scan INTEGER NOT NULL DEFAULT 0,
    position TEXT,
    last_scan_at_ms REAL,
    evidence TEXT,
    remedy TEXT,
    confirmed_at_ms REAL,
    unsynced_since_ms REAL
  );
  CREATE TABLE unclean_stop (unsynced_since_ms REAL NOT NULL);
`;

/** The files of one collection that were published as found and not as lost. */
export class KnownFiles {
  readonly #model: ReadModel;
  readonly #statements;
  #count: number;

  constructor(
    model: ReadModel,
    readonly collection: string,
  ) {
    this.#model = model;
    this.#statements = prepare(model);
    this.#count = Number(this.#statements.count.get(collection)?.['files']);
  }

  get count(): number {
    return this.#count;
  }

  find(path: string): KnownFile | undefined {
    const row = this.#statements.find.get(this.collection, path);
    return row && readKnown(row);
  }

  /** Returns the files whose paths come after the given one, in the order of their paths as UTF-8. */
  pageByPath(after: string, limit: number): LocatedFile[] {
    return this.#statements.pageByPath
      .all(this.collection, after, limit)
      .map((row) => ({ ...readKnown(row), path: String(row['path']) }));
  }

  /** Stores that this version of the file has been published as found, and which scan came across it. */
  record(path: string, { sizeBytes, modifiedAtMs, inode }: FileVersion, scan: number): void {
    const isNew = this.find(path) === undefined;
    this.#statements.record.run(this.collection, path, sizeBytes, modifiedAtMs, inode, scan);
    if (isNew) this.#count += 1;
  }

  /** Removes a file that was published as lost, or whose fact never arrived. */
  forget(path: string): void {
    this.#count -= Number(this.#statements.forget.run(this.collection, path).changes);
  }

  /** Stores that the scan came across the files: they are not missing. */
  markSeen(files: readonly SeenFile[], scan: number): void {
    if (files.length === 0) return;
    this.#model.transaction(() => {
      for (const { id, inode } of files) this.#statements.seen.run(scan, inode, id);
    });
  }

  /** Stores that a folder can't be read now: the known files in it count as seen. */
  markFolderSeen(folder: string, scan: number): void {
    this.#statements.folderSeen.run(scan, this.collection, ...rangeOf(folder));
  }

  /** Stores that the file is absent; it may come back. */
  markMissing(path: string, nowMs: number): void {
    this.#statements.missing.run(nowMs, this.collection, path);
  }

  /** Stores that a missing file is back, and its present inode if that is known. */
  markPresent(path: string, inode: string | null): void {
    this.#statements.present.run(inode, this.collection, path);
  }

  /** Stores that what the scan has not come across in a folder is missing. */
  markUnseen(folder: string, scan: number, nowMs: number): void {
    this.#statements.unseen.run(nowMs, this.collection, scan, ...rangeOf(folder));
  }

  /** Whether a known file lies in the folder, however deep. */
  hasIn(folder: string): boolean {
    return this.#statements.hasIn.get(this.collection, ...rangeOf(folder)) !== undefined;
  }

  /** Whether any file is missing. */
  get hasMissing(): boolean {
    return this.missingPage(0, Number.MAX_VALUE, 1).length > 0;
  }

  /** Whether a scan came across any file that is not missing. */
  get hasSeen(): boolean {
    return this.#statements.hasSeen.get(this.collection) !== undefined;
  }

  /** When the latest missing file went missing; 0 when none is missing. */
  get latestMissingMs(): number {
    return Number(this.#statements.latestMissing.get(this.collection)?.['latest'] ?? 0);
  }

  /**
   * Counts the missing files, without those that have only moved to another path. In the same folder, those that were
   * written shortly before an unclean stop do not count either: a power cut loses them, and no owner has to confirm that.
   */
  countVanished(isRootExchanged: boolean): number {
    return Number(this.#statements.countVanished.get(this.collection, Number(isRootExchanged))?.['files']);
  }

  /** The missing files whose ids come after the given one, of those that were missing by then. */
  missingPage(afterId: number, untilMs: number, limit: number): MissingFile[] {
    return this.#statements.missingPage.all(this.collection, afterId, untilMs, limit).map(readMissing);
  }

  /** All files whose ids come after the given one. */
  page(afterId: number, limit: number): MissingFile[] {
    return this.#statements.page.all(this.collection, afterId, limit).map(readMissing);
  }
}

const readKnown = (row: Record<string, unknown>): KnownFile => ({
  id: Number(row['id']),
  sizeBytes: Number(row['size_bytes']),
  modifiedAtMs: Number(row['modified_at_ms']),
  inode: String(row['inode']),
  isMissing: row['missing_at_ms'] !== null,
});

const readMissing = (row: Record<string, unknown>): MissingFile => ({
  id: Number(row['id']),
  path: String(row['path']),
});

/** The paths that lie in a folder, as a range: «0» comes right after «/». */
const rangeOf = (folder: string): [from: string, to: string] =>
  folder === '' ? ['', '\u{10FFFF}'] : [`${folder}/`, `${folder}0`];

/** A file that goes missing after a confirmation is dated after it, even when the clock was set back: it is not confirmed. */
const AFTER_CONFIRMATION =
  'coalesce((SELECT confirmed_at_ms FROM collection WHERE collection.id = file.collection), 0) + 1';

const prepare = ({ db }: ReadModel) => ({
  find: db.prepare(
    'SELECT id, size_bytes, modified_at_ms, inode, missing_at_ms FROM file WHERE collection = ? AND path = ?',
  ),
  pageByPath: db.prepare(
    `SELECT id, path, size_bytes, modified_at_ms, inode, missing_at_ms FROM file
     WHERE collection = ? AND path > ? ORDER BY path LIMIT ?`,
  ),
  record: db.prepare(
    `INSERT INTO file (collection, path, size_bytes, modified_at_ms, inode, scan) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (collection, path) DO UPDATE SET size_bytes = excluded.size_bytes, inode = excluded.inode,
       modified_at_ms = excluded.modified_at_ms, scan = excluded.scan, missing_at_ms = NULL`,
  ),
  forget: db.prepare('DELETE FROM file WHERE collection = ? AND path = ?'),
  seen: db.prepare('UPDATE file SET scan = ?, inode = ?, missing_at_ms = NULL WHERE id = ?'),
  folderSeen: db.prepare('UPDATE file SET scan = ? WHERE collection = ? AND path >= ? AND path < ?'),
  missing: db.prepare(
    `UPDATE file SET missing_at_ms = max(?, ${AFTER_CONFIRMATION})
     WHERE collection = ? AND path = ? AND missing_at_ms IS NULL`,
  ),
  present: db.prepare(
    'UPDATE file SET missing_at_ms = NULL, inode = coalesce(?, inode) WHERE collection = ? AND path = ?',
  ),
  unseen: db.prepare(
    `UPDATE file SET missing_at_ms = max(?, ${AFTER_CONFIRMATION})
     WHERE collection = ? AND scan < ? AND path >= ? AND path < ? AND missing_at_ms IS NULL`,
  ),
  hasIn: db.prepare('SELECT 1 FROM file WHERE collection = ? AND path >= ? AND path < ? LIMIT 1'),
  hasSeen: db.prepare(`SELECT 1 FROM file WHERE collection = ? AND missing_at_ms IS NULL AND scan > ${UNSEEN} LIMIT 1`),
  count: db.prepare('SELECT count(*) AS files FROM file WHERE collection = ?'),
  latestMissing: db.prepare(
    'SELECT max(missing_at_ms) AS latest FROM file WHERE collection = ? AND missing_at_ms IS NOT NULL',
  ),
  countVanished: db.prepare(
    `WITH gone AS (SELECT ${INODE_ON_DEVICE} AS inode, size_bytes, modified_at_ms FROM file
       WHERE collection = ? AND missing_at_ms IS NOT NULL
         AND (? OR NOT EXISTS (SELECT 1 FROM collection
           WHERE collection.id = file.collection AND file.modified_at_ms >= unsynced_since_ms)))
     SELECT count(*) AS files FROM gone WHERE NOT EXISTS (
       SELECT 1 FROM file WHERE ${INODE_ON_DEVICE} = gone.inode AND missing_at_ms IS NULL
         AND file.size_bytes = gone.size_bytes AND file.modified_at_ms = gone.modified_at_ms)`,
  ),
  missingPage: db.prepare(
    `SELECT id, path FROM file WHERE collection = ? AND missing_at_ms IS NOT NULL AND id > ? AND missing_at_ms <= ?
     ORDER BY id LIMIT ?`,
  ),
  page: db.prepare('SELECT id, path FROM file WHERE collection = ? AND id > ? ORDER BY id LIMIT ?'),
});
