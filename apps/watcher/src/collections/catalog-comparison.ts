import { GetCatalogStatus, ListFiles, type ReplyOf } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import type { Bus } from '@allibrary/messaging';
import type { CatalogFiles } from '../reviewing/collection-comparison.ts';
import type { WatchedCollections } from './watched-collections.ts';

const PAGE = 1_000;

/** The catalog of transfer, over the bus. */
export class RemoteCatalog implements CatalogFiles {
  constructor(private readonly bus: Pick<Bus, 'request'>) {}

  status(): Promise<ReplyOf<typeof GetCatalogStatus>> {
    return this.bus.request(GetCatalogStatus, {});
  }

  files(collection: string, after: string, limit: number): Promise<ReplyOf<typeof ListFiles>> {
    return this.bus.request(ListFiles, { collection, after, limit });
  }
}

/** Compares what this service has published with what the catalog holds, collection by collection. */
export class CatalogComparison {
  constructor(
    private readonly collections: Pick<Collections, 'all' | 'isKnown'>,
    private readonly watched: Pick<WatchedCollections, 'find' | 'publisherOf'>,
    private readonly catalog: RemoteCatalog,
  ) {}

  /** Compares once; returns false when something is left to compare later. */
  async compare(signal: AbortSignal): Promise<boolean> {
    const { collections, watched, catalog } = this;
    if (!collections.isKnown) return false; // none may be wanted only because the settings can't be read
    const { waiting, collections: held } = await catalog.status();
    const isQuiet = waiting === 0;
    const wanted = collections.all.map(({ collection }) => collection.id);
    let isComplete = true;
    for (const id of wanted) {
      const comparison = watched.find(id)?.comparison;
      if (!(await comparison?.compare(catalog, isQuiet, signal))) isComplete = false;
    }
    for (const id of held) {
      if (wanted.includes(id)) continue;
      if (isQuiet) await this.#leaveOut(id, signal);
      else isComplete = false;
    }
    return isComplete;
  }

  /** The catalog holds files of a collection that is not wanted: the facts that they are left out never arrived. */
  async #leaveOut(id: string, signal: AbortSignal): Promise<void> {
    const publisher = this.watched.publisherOf(id);
    for (let after = ''; ; ) {
      signal.throwIfAborted();
      const { items, isLast } = await this.catalog.files(id, after, PAGE);
      await Promise.all(items.map(({ path }) => publisher.lost(path, 'left-out')));
      if (isLast) return;
      after = items.at(-1)?.path ?? '';
    }
  }
}
