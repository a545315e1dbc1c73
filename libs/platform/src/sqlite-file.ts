import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { makeFolder } from './make-folder.ts';

/** How much of what was committed survives a power cut: all of it, or all but the last moments. */
export type Durability = 'full' | 'normal';

/** Another process may hold the file's lock for this long. */
const LOCK_LIMIT_MS = 5_000;

/** An SQLite file with cached statements and transactions. */
export class SqliteFile {
  readonly #statements = new Map<string, StatementSync>();

  constructor(readonly db: DatabaseSync) {}

  /** Returns the prepared statement of some SQL; each text is prepared once, so there must be few of them. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs the work as one transaction: all of it is stored, or nothing. */
  transaction<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself where the disk is full or damaged.
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }
}

/** Opens a database file in WAL mode, and makes its folder; it may hold damage, see {@link findDamage}. */
export function openDatabase(file: string, durability: Durability): DatabaseSync {
  makeFolder(dirname(file), 0o700);
  const db = new DatabaseSync(file, { timeout: LOCK_LIMIT_MS });
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA foreign_keys = ON`);
  return db;
}

/** Returns what is wrong with the pages of a database, or null. Reads the whole file: about a second per gigabyte. */
export function findDamage(db: DatabaseSync): string | null {
  const found = String(db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
  return found === 'ok' ? null : found;
}

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const ERROR = 1;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Whether SQLite reported that its file is damaged, or is no database. */
export const isDamage = (error: unknown): boolean =>
  error instanceof DamagedFile || [CORRUPT, NOT_A_DATABASE].includes(primaryCode(error));

/** Damage that was reported in another thread, from which SQLite's own error does not come whole. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/**
 * Whether opening a file failed because of its content: damaged, no database, or with other tables. A lock, a missing
 * right and a full disk are no reason to replace it.
 */
export const isUnreadable = (error: unknown): boolean => isDamage(error) || primaryCode(error) === ERROR;

/** The extended codes keep the primary one in their lowest byte. */
const primaryCode = (error: unknown): number => Number((error as { errcode?: number } | null)?.errcode ?? 0) & 0xff;
