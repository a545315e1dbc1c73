import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Where a read model lies and what is in it. */
export interface ReadModelOptions {
  readonly file: string;
  /** Raised with every change of the schema: a file of another version is thrown away and rebuilt. */
  readonly version: number;
  /** The statements that create the tables. */
  readonly schema: string;
}

/** What a service keeps of the facts, wherever it lies. */
export abstract class FactStore {
  /** Names this life of it: a new one has consumed no fact yet. */
  abstract readonly generation: string;
}

/** A service's own view of the facts: one SQLite file that may be deleted at any time, for the facts rebuild it. */
export class ReadModel extends FactStore {
  readonly #statements = new Map<string, StatementSync>();

  constructor(
    readonly db: DatabaseSync,
    override readonly generation: string,
  ) {
    super();
  }

  /** The prepared statement of some SQL; the same one each time, so the SQL must be one of a few. */
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
      this.db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }
}

/** Opens the read model, or begins a new one where the file is missing, damaged or of another version. */
export function openReadModel(options: ReadModelOptions): ReadModel {
  mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
  const opened = tryOpen(options);
  if (opened) return opened;
  moveReadModel(options.file, null);
  return create(options);
}

/** The version of the read model in a file; null when there is none. */
export function readModelVersion(file: string): number | null {
  if (!existsSync(file)) return null;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 5_000 });
    return Number(db.prepare('SELECT version FROM read_model').get()?.['version'] ?? Number.NaN) || null;
  } catch {
    return null;
  } finally {
    if (db?.isOpen) db.close();
  }
}

/** Gives a read model that nobody has open another name, or deletes it when the name is null. */
export function moveReadModel(file: string, to: string | null): void {
  for (const suffix of ['-wal', '-shm', '']) {
    if (to === null) rmSync(file + suffix, { force: true });
    else if (existsSync(file + suffix)) renameSync(file + suffix, to + suffix);
  }
}

function tryOpen({ file, version }: ReadModelOptions): ReadModel | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = open(file);
    const found = db.prepare('SELECT version, generation FROM read_model').get();
    if (found?.['version'] === version) return new ReadModel(db, String(found['generation']));
  } catch {
    // Not a database, or one of another house: it is thrown away like an old version.
  }
  if (db?.isOpen) db.close();
  return undefined;
}

function create({ file, version, schema }: ReadModelOptions): ReadModel {
  const model = new ReadModel(open(file), randomBytes(6).toString('hex'));
  model.transaction(() => {
    model.db.exec('CREATE TABLE read_model (version INTEGER NOT NULL, generation TEXT NOT NULL)');
    model.db.exec(schema);
    model.db.prepare('INSERT INTO read_model VALUES (?, ?)').run(version, model.generation);
  });
  return model;
}

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 5_000 });
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  return db;
}
