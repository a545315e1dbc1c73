import { join } from 'node:path';
import { type DurableStore, openDurableStore } from '@allibrary/platform';
import type { SeenRoot } from './judge-root.ts';

/** Opens the store of how collections' folders were when all was well. No read model: with the disk gone, it cannot be rebuilt. */
export const openCollectionRoots = (dataDir: string): CollectionRoots =>
  new CollectionRoots(
    openDurableStore({
      file: join(dataDir, 'transfer', 'collection-roots.sqlite'),
      migrations: [
        `CREATE TABLE root (
          collection TEXT NOT NULL,
          folder TEXT NOT NULL,
          identity TEXT,
          mount_point TEXT,
          frozen TEXT,
          PRIMARY KEY (collection, folder)
        ) WITHOUT ROWID`,
      ],
    }),
  );

/** A collection in the folder that the settings name. */
export interface CollectionPlace {
  readonly id: string;
  readonly folder: string;
}

/** Stored state of collections' folders: how each was when all was well, and whether the watcher froze it. */
export class CollectionRoots {
  constructor(private readonly store: DurableStore) {}

  /** The folder as it was when all was well; undefined before it was first seen. */
  known(place: CollectionPlace): SeenRoot | undefined {
    const row = this.#row(place);
    if (typeof row?.['identity'] !== 'string') return undefined;
    return { identity: row['identity'], mountPoint: String(row['mount_point']) };
  }

  /** Records how the folder is while all is well. */
  setKnown(place: CollectionPlace, { identity, mountPoint }: SeenRoot): void {
    const known = this.known(place);
    if (known?.identity === identity && known.mountPoint === mountPoint) return;
    this.#write(place, 'identity = ?, mount_point = ?', identity, mountPoint);
  }

  /** Why the watcher froze the collection, as it last reported; null when it did not. */
  frozen(place: CollectionPlace): string | null {
    return (this.#row(place)?.['frozen'] ?? null) as string | null;
  }

  setFrozen(place: CollectionPlace, reason: string | null): void {
    if (this.frozen(place) !== reason) this.#write(place, 'frozen = ?', reason);
  }

  /** Forgets what is known of other collections and folders than these. */
  keepOnly(places: readonly CollectionPlace[]): void {
    const kept = new Set(places.map(({ id, folder }) => `${id}\0${folder}`));
    for (const row of this.store.prepare('SELECT collection, folder FROM root').all()) {
      if (kept.has(`${String(row['collection'])}\0${String(row['folder'])}`)) continue;
      this.store
        .prepare('DELETE FROM root WHERE collection = ? AND folder = ?')
        .run(row['collection'] ?? null, row['folder'] ?? null);
    }
  }

  close(): void {
    this.store.close();
  }

  #row({ id, folder }: CollectionPlace): Record<string, unknown> | undefined {
    return this.store.prepare('SELECT * FROM root WHERE collection = ? AND folder = ?').get(id, folder);
  }

  #write({ id, folder }: CollectionPlace, change: string, ...values: (string | number | null)[]): void {
    this.store.transaction(() => {
      this.store.prepare('INSERT OR IGNORE INTO root (collection, folder) VALUES (?, ?)').run(id, folder);
      this.store.prepare(`UPDATE root SET ${change} WHERE collection = ? AND folder = ?`).run(...values, id, folder);
    });
  }
}
