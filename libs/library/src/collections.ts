import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { CollectionsSettings, FreezeLimits, type Location, type SettingsOf } from '@allibrary/contracts';
import { type Revised, type Settings, SettingsFollower } from '@allibrary/messaging';
import { CollectionFolder } from './collection-folder.ts';
import { type OpenedFile, OutsideLibrary } from './opened-folder.ts';

/** Where collections may lie. */
export interface LibraryPlaces {
  readonly libraryDir: string;
  readonly libraryRoots: readonly string[];
}

type Wanted = Revised<SettingsOf<typeof CollectionsSettings>>;

/**
 * The collections of this node, as its settings name them, and the way to their files. Until the settings are known
 * there is none, and nothing may be concluded from that.
 */
export class Collections {
  readonly #listeners = new Set<() => void>();
  readonly #known = Promise.withResolvers<void>();
  #folders: ReadonlyMap<string, CollectionFolder> = new Map();
  #freezeLimits = FreezeLimits.parse({});
  #isKnown = false;
  #follower: SettingsFollower<typeof CollectionsSettings> | undefined;

  private constructor(
    private readonly settings: Settings,
    private readonly places: LibraryPlaces,
  ) {}

  /** Reads which collections there are, where that can be read now, and follows changes until closed. */
  static async open(settings: Settings, places: LibraryPlaces): Promise<Collections> {
    const collections = new Collections(settings, places);
    await collections.refresh().catch(() => {}); // followed until it can be read
    collections.#follower = new SettingsFollower(settings, CollectionsSettings, (wanted) => collections.#apply(wanted));
    return collections;
  }

  /** Whether the settings have been read, and name the collections: even none. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Resolves once the collections are known; rejects when this is closed first. */
  known(): Promise<void> {
    return this.#known.promise;
  }

  /** The collections in the order of the settings. */
  get all(): readonly CollectionFolder[] {
    return [...this.#folders.values()];
  }

  /** When so much of a collection vanished that it is taken for a broken mount. */
  get freezeLimits(): FreezeLimits {
    return this.#freezeLimits;
  }

  /** The collection of the id, when there is one. */
  find(id: string): CollectionFolder | undefined {
    return this.#folders.get(id);
  }

  /** Where downloads are saved, when one of the collections takes them. */
  get forDownloads(): CollectionFolder | undefined {
    return this.all.find(({ collection }) => collection.takesDownloads);
  }

  /** Calls the listener after each change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Reads the settings now, for somebody who knows of a change before its notice has arrived. */
  async refresh(): Promise<void> {
    this.#apply(await this.settings.read(CollectionsSettings));
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
    const closed = this.#follower?.close();
    this.#known.promise.catch(() => {}); // nobody may be waiting
    this.#known.reject(new Error('The service stops before the settings are known.'));
    await closed;
  }

  #folder(id: string): CollectionFolder {
    const folder = this.find(id);
    if (folder) return folder;
    throw new OutsideLibrary(`there is no collection ${id}`);
  }

  #apply({ value, revision }: Wanted): void {
    if (revision === 0) return; // never written: a new node writes one first, and one that lost them must not guess
    const libraryDir = resolve(this.places.libraryDir);
    const roots = [libraryDir, ...this.places.libraryRoots];
    this.#freezeLimits = value.freeze;
    this.#folders = new Map(
      value.collections.map((collection) => [collection.id, new CollectionFolder(collection, roots)]),
    );
    this.#isKnown = true;
    this.#known.resolve();
    for (const listener of this.#listeners) listener();
  }
}
