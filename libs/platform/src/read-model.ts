import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SqliteFile, findDamage, isUnreadable, openDatabase } from './sqlite-file.ts';

/** Where a read model lies and what is in it. */
export interface ReadModelOptions {
  readonly file: string;
  /** Raised with every change of the schema: a file of another version is thrown away and rebuilt. */
  readonly version: number;
  /** The statements that create the tables. */
  readonly schema: string;
  /** Leaves out the search for damage: somebody in this process has just done it. */
  readonly isVerified?: boolean;
}

/** What a service keeps of the facts: it can be thrown away, because it can be rebuilt. */
export interface Rebuildable {
  /** Random name of this life of it: a new one has consumed no fact yet. */
  readonly generation: string;
  /** Makes the next start of the service begin a new one. */
  discard(): void;
}

/** A service's own view of the facts: one SQLite file that may be deleted at any time, because it can be rebuilt. */
export class ReadModel extends SqliteFile implements Rebuildable {
  constructor(
    db: SqliteFile['db'],
    private readonly file: string,
    readonly generation: string,
  ) {
    super(db);
  }

  discard(): void {
    discardReadModel(this.file);
  }

  /**
   * Runs the work as one transaction that is fsynced when this returns: for what has been acknowledged to the owner, or
   * cannot be observed again.
   */
  transactionDurably<T>(work: () => T): T {
    this.db.exec('PRAGMA synchronous = FULL');
    try {
      return this.transaction(work);
    } finally {
      this.db.exec('PRAGMA synchronous = NORMAL');
    }
  }
}

/**
 * Makes the next opening of a read model begin a new one, because SQLite reported damage while it was in use. The check
 * at that opening might not find it: a full-text index can be damaged within sound pages.
 */
export const discardReadModel = (file: string): void => writeFileSync(discardMark(file), '');

const discardMark = (file: string): string => `${file}.discard`;

/** Opens the read model, or creates a new one where the file is missing, damaged in any page, or of another version. */
export function openReadModel(options: ReadModelOptions): ReadModel {
  const isDiscarded = existsSync(discardMark(options.file));
  const opened = isDiscarded ? undefined : tryOpen(options);
  if (opened) return opened;
  moveReadModel(options.file, null);
  const created = create(options);
  if (isDiscarded) rmSync(discardMark(options.file), { force: true });
  return created;
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

function tryOpen({ file, version, isVerified }: ReadModelOptions): ReadModel | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = openDatabase(file, 'normal');
    const found = db.prepare('SELECT version, generation FROM read_model').get();
    if (found?.['version'] === version && (isVerified || findDamage(db) === null))
      return new ReadModel(db, file, String(found['generation']));
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  if (db?.isOpen) db.close();
  return undefined;
}

function create({ file, version, schema }: ReadModelOptions): ReadModel {
  const model = new ReadModel(openDatabase(file, 'normal'), file, randomBytes(6).toString('hex'));
  model.transaction(() => {
    model.db.exec('CREATE TABLE read_model (version INTEGER NOT NULL, generation TEXT NOT NULL)');
    model.db.exec(schema);
    model.db.prepare('INSERT INTO read_model VALUES (?, ?)').run(version, model.generation);
  });
  return model;
}
