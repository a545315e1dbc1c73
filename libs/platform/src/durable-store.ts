import { existsSync, renameSync } from 'node:fs';
import { StartRefused } from './config.ts';
import { SqliteFile, findDamage, isUnreadable, openDatabase } from './sqlite-file.ts';

/** Where a durable store lies and how its tables came to be. */
export interface DurableStoreOptions {
  readonly file: string;
  /** The statements of each schema version, in order. Published entries never change: new ones are added. */
  readonly migrations: readonly string[];
}

/**
 * What a service has accepted and must never lose: an SQLite file that is fsynced with every commit and upgraded in
 * place. Unlike a read model it cannot be rebuilt.
 */
export class DurableStore extends SqliteFile {
  constructor(
    db: SqliteFile['db'],
    /** Where the file was moved because it was damaged; null when it was sound or new. */
    readonly damagedFile: string | null,
  ) {
    super(db);
  }
}

/** Opens the store, or creates it; a damaged file is kept under another name, and an empty one takes its place. */
export function openDurableStore({ file, migrations }: DurableStoreOptions): DurableStore {
  const sound = tryOpen(file);
  const damagedFile = sound ? null : setAside(file);
  const db = sound ?? openDatabase(file, 'full');
  const store = new DurableStore(db, damagedFile);
  migrate(store, migrations, file);
  return store;
}

function tryOpen(file: string): DurableStore['db'] | undefined {
  let db: DurableStore['db'] | undefined;
  try {
    db = openDatabase(file, 'full');
    if (findDamage(db) === null) return db;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  if (db?.isOpen) db.close();
  return undefined;
}

function setAside(file: string): string {
  let target = `${file}.damaged`;
  for (let number = 2; existsSync(target); number++) target = `${file}.damaged-${number}`;
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
  }
  return target;
}

function migrate(store: DurableStore, migrations: readonly string[], file: string): void {
  const found = Number(store.db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found > migrations.length) {
    throw new StartRefused(
      `${file} was written by a newer version of this program (${found} > ${migrations.length}): install that version`,
    );
  }
  if (found === migrations.length) return;
  store.transaction(() => {
    for (const statements of migrations.slice(found)) store.db.exec(statements);
    store.db.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}
