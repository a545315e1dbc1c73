import type { GetCatalogStatus, ReplyOf } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import type { ReadFilePage } from './collection-comparison.ts';
import type { WatchedCollections } from './collections/watched-collections.ts';

const PAGE = 1_000;

/** What the comparison needs. */
export interface CatalogComparisonParts {
  readonly collections: Pick<Collections, 'all' | 'isKnown'>;
  readonly watched: Pick<WatchedCollections, 'find' | 'publisherOf'>;
  readonly status: () => Promise<ReplyOf<typeof GetCatalogStatus>>;
  readonly files: ReadFilePage;
}

/** Compares what this service has published with what the catalog holds, collection by collection. */
export class CatalogComparison {
  constructor(private readonly parts: CatalogComparisonParts) {}

  /** Compares once; returns false when something is left to compare later. */
  async compare(signal: AbortSignal): Promise<boolean> {
    const { collections, watched, status, files } = this.parts;
    if (!collections.isKnown) return false; // none may be wanted only because the settings can't be read
    const { waiting, collections: held } = await status();
    const isQuiet = waiting === 0;
    const wanted = collections.all.map(({ collection }) => collection.id);
    let isComplete = true;
    for (const id of wanted) {
      const comparison = watched.find(id)?.comparison;
      if (!(await comparison?.compare(files, isQuiet, signal))) isComplete = false;
    }
    for (const id of held) {
      if (wanted.includes(id)) continue;
      if (isQuiet) await this.#leaveOut(id, signal);
      else isComplete = false;
    }
    return isComplete;
  }

  /** The catalog holds files of a collection that is not wanted: that they are lost never arrived. */
  async #leaveOut(id: string, signal: AbortSignal): Promise<void> {
    const publisher = this.parts.watched.publisherOf(id);
    for (let after = ''; ; ) {
      signal.throwIfAborted();
      const { items, isLast } = await this.parts.files(id, after, PAGE);
      await Promise.all(items.map(({ path }) => publisher.lost(path, 'left-out')));
      if (isLast) return;
      after = items.at(-1)?.path ?? '';
    }
  }
}
