import { join } from 'node:path';
import { type ReadModel, openReadModel } from '@allibrary/platform';
import type { FileVersion } from './domain/sighting.ts';

/** A file of which the last thing said is that it is there. */
export interface KnownFile extends FileVersion {
  readonly id: number;
}

/** Opens the watcher's read model: what it has published. Without it, everything is published again. */
export const openWatcherReadModel = (dataDir: string): ReadModel =>
  openReadModel({
    file: join(dataDir, 'watcher', 'watcher.sqlite'),
    version: 1,
    schema: `
      CREATE TABLE file (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        size_bytes INTEGER NOT NULL,
        modified_at_ms REAL NOT NULL
      );
      CREATE TABLE home (one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL);
    `,
  });

/** The files that were published as found and not as lost. */
export class KnownFiles {
  readonly #find;
  readonly #record;
  readonly #forget;
  readonly #count;
  readonly #highestId;
  readonly #page;
  readonly #home;
  readonly #setHome;

  constructor({ db }: ReadModel) {
    this.#find = db.prepare('SELECT id, size_bytes, modified_at_ms FROM file WHERE path = ?');
    this.#record = db.prepare(
      `INSERT INTO file (path, size_bytes, modified_at_ms) VALUES (?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET size_bytes = excluded.size_bytes, modified_at_ms = excluded.modified_at_ms`,
    );
    this.#forget = db.prepare('DELETE FROM file WHERE path = ?');
    this.#count = db.prepare('SELECT count(*) AS files FROM file');
    this.#highestId = db.prepare('SELECT coalesce(max(id), 0) AS id FROM file');
    this.#page = db.prepare('SELECT id, path FROM file WHERE id > ? ORDER BY id LIMIT ?');
    this.#home = db.prepare('SELECT identity FROM home');
    this.#setHome = db.prepare('INSERT OR REPLACE INTO home (one, identity) VALUES (1, ?)');
  }

  find(path: string): KnownFile | undefined {
    const row = this.#find.get(path);
    return (
      row && {
        id: Number(row['id']),
        sizeBytes: Number(row['size_bytes']),
        modifiedAtMs: Number(row['modified_at_ms']),
      }
    );
  }

  /** Keeps that this version of the file has been published as found. */
  record(path: string, { sizeBytes, modifiedAtMs }: FileVersion): void {
    this.#record.run(path, sizeBytes, modifiedAtMs);
  }

  /** Keeps that the file has been published as lost. */
  forget(path: string): void {
    this.#forget.run(path);
  }

  count(): number {
    return Number(this.#count.get()?.['files']);
  }

  get highestId(): number {
    return Number(this.#highestId.get()?.['id']);
  }

  /** The files whose ids come after the given one, in the order of their ids. */
  page(afterId: number, limit: number): { id: number; path: string }[] {
    return this.#page.all(afterId, limit).map((row) => ({ id: Number(row['id']), path: String(row['path']) }));
  }

  /** The identity of the folder in which the files were last seen. */
  get home(): string | undefined {
    const row = this.#home.get();
    return row && String(row['identity']);
  }

  set home(identity: string) {
    this.#setHome.run(identity);
  }
}
