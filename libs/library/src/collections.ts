import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CollectionsSettings, FreezeLimits, type Location, type SettingsOf } from '@allibrary/contracts';
import { Settings } from '@allibrary/messaging';
import { CollectionFolder } from './collection-folder.ts';
import { type OpenedFile, OutsideLibrary } from './opened-folder.ts';
import { wantedCollections } from './wanted-collections.ts';

const RETRY_MS = 1_000;

/** Where collections may lie. */
export interface LibraryPlaces {
  readonly libraryDir: string;
  readonly libraryRoots: readonly string[];
}

/** The collections that the owner wants now, and the way to their files. */
export class Collections {
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  #folders: ReadonlyMap<string, CollectionFolder> = new Map();
  #freezeLimits = FreezeLimits.parse({});
  #following: Promise<void> | undefined;

  private constructor(
    private readonly store: Settings,
    private readonly places: LibraryPlaces,
  ) {}

  /** Reads what is wanted, and follows it until closed. */
  static async open(store: Settings, places: LibraryPlaces): Promise<Collections> {
    const collections = new Collections(store, places);
    await collections.refresh();
    collections.#following = collections.#follow(collections.#closing.signal);
    return collections;
  }

  /** The collections in the order of the settings. */
  get all(): readonly CollectionFolder[] {
    return [...this.#folders.values()];
  }

  /** When so much of a collection vanished that it is taken for a broken mount. */
  get freezeLimits(): FreezeLimits {
    return this.#freezeLimits;
  }

  /** The collection of the id, when it is wanted. */
  find(id: string): CollectionFolder | undefined {
    return this.#folders.get(id);
  }

  /** Where downloads are saved, when one of the collections takes them. */
  get forDownloads(): CollectionFolder | undefined {
    return this.all.find(({ collection }) => collection.takesDownloads);
  }

  /** Calls the listener after each change of what is wanted. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Reads what is wanted now, for somebody who knows of a change before it has come here. */
  async refresh(): Promise<void> {
    this.#take((await this.store.read(CollectionsSettings)).value);
  }

  /** What lies at the location, or undefined when nothing does. */
  async stat({ collection, path }: Location): Promise<Stats | undefined> {
    return this.find(collection)?.stat(path);
  }

  /** Opens a file, for reading unless the flags differ; throws {@link OutsideLibrary} when it lies in no collection. */
  async openFile({ collection, path }: Location, flags?: number): Promise<OpenedFile> {
    return this.#folder(collection).openFile(path, flags);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  #folder(id: string): CollectionFolder {
    const folder = this.find(id);
    if (folder) return folder;
    throw new OutsideLibrary(`there is no collection ${id}`);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const { value } of this.store.follow(CollectionsSettings, signal)) this.#take(value);
      } catch {
        // The broker is away, or a newer version wrote what this one can't read: what was wanted before stays.
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  #take(wanted: SettingsOf<typeof CollectionsSettings>): void {
    const libraryDir = resolve(this.places.libraryDir);
    const roots = [libraryDir, ...this.places.libraryRoots];
    this.#freezeLimits = wanted.freeze;
    this.#folders = new Map(
      wantedCollections(wanted, libraryDir).map((collection) => [
        collection.id,
        new CollectionFolder(collection, roots),
      ]),
    );
    for (const listener of this.#listeners) listener();
  }
}
