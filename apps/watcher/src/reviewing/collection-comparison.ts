import type { ListFiles, ReplyOf } from '@allibrary/contracts';
import { type Pair, comparePages } from '@allibrary/core';
import type { KnownCollection } from '../known/known-collection.ts';
import { type LocatedFile, UNSEEN } from '../known/known-files.ts';
import { isHidden } from '../seeing/entry-name.ts';
import type { FolderView } from '../seeing/folder-view.ts';
import { type FileVersion, isUnchanged } from '../seeing/sighting.ts';
import type { Losses } from './losses.ts';
import type { ReviewSink } from './review-events.ts';
import type { ReviewQueue } from './review-queue.ts';

const PAGE = 1_000;

type FilePage = ReplyOf<typeof ListFiles>;
type CatalogFile = FilePage['items'][number];
type FilePair = Pair<LocatedFile, CatalogFile>;

/** Where the catalog's files of a collection are read, page by page. */
export interface CatalogFiles {
  files(collection: string, after: string, limit: number): Promise<FilePage>;
}

/** The collaborators of the comparison of one collection. */
export interface CollectionComparisonParts {
  readonly view: Pick<FolderView, 'keepsInodes' | 'patterns'>;
  readonly known: KnownCollection;
  readonly reviews: Pick<ReviewQueue, 'consider'>;
  readonly losses: Pick<Losses, 'catalogCompared'>;
  readonly events: ReviewSink;
}

/**
 * Compares the published files of a collection with those that the catalog holds. What differs is reviewed like any path
 * that may have changed, so the rules about settling files and broken mounts hold for it as well.
 */
export class CollectionComparison {
  #hasRemembered = false;

  constructor(private readonly parts: CollectionComparisonParts) {}

  /**
   * Compares once; returns false when something is left to compare later. With `isQuiet`, no fact was on its way when the
   * comparison began.
   */
  async compare(catalog: CatalogFiles, isQuiet: boolean, signal: AbortSignal): Promise<boolean> {
    const { known, losses, events } = this.parts;
    const published = known.publisher.losses;
    const mayRemember = () => isQuiet && known.publisher.losses === published;
    let isComplete = true;
    this.#hasRemembered = false;
    for await (const pairs of this.#pairs(catalog, signal))
      for (const pair of pairs) if (!(await this.#mend(pair, mayRemember))) isComplete = false;
    if (this.#hasRemembered) events.push({ kind: 'files-remembered' });
    if (!isComplete) return false;
    losses.catalogCompared();
    events.push({ kind: 'catalog-compared' });
    return true;
  }

  #pairs(catalog: CatalogFiles, signal: AbortSignal): AsyncIterable<FilePair[]> {
    const { files } = this.parts.known;
    const keyOf = ({ path }: { path: string }) => path;
    const own = async (after: string) => {
      const items = files.pageByPath(after, PAGE);
      return { items, isLast: items.length < PAGE };
    };
    const source = (after: string) => {
      signal.throwIfAborted();
      return catalog.files(files.collection, after, PAGE);
    };
    return comparePages({ page: own, keyOf }, { page: source, keyOf });
  }

  /** Returns false when a difference can't be mended now. */
  async #mend({ key: path, own, source }: FilePair, mayRemember: () => boolean): Promise<boolean> {
    const { view, known, reviews } = this.parts;
    if (own && source && isUnchanged(own, versionOf(source), view.keepsInodes)) return true;
    const now = known.files.find(path);
    if (!own) return now !== undefined || !source || this.#remember(path, versionOf(source), mayRemember);
    if (!now || !isUnchanged(now, own, view.keepsInodes)) return true; // it was published while the pages were read
    if (now.isMissing) return false; // it may be on a disk that is not mounted: its record holds until it is back
    known.files.forget(path);
    await reviews.consider(path);
    return true;
  }

  /** Adds a file of the catalog that the read model has lost to the known ones; it may then be missing like any other. */
  async #remember(path: string, version: FileVersion, mayRemember: () => boolean): Promise<boolean> {
    const { view, known, reviews } = this.parts;
    if (!mayRemember()) return false; // the fact that it is lost may be on its way
    if (isHidden(path) || view.patterns.patternFor(path) !== null) {
      await known.publisher.lost(path, 'left-out');
      return true;
    }
    this.#hasRemembered = true;
    known.record.forgetRoot();
    known.files.record(path, version, UNSEEN);
    await reviews.consider(path);
    return true;
  }
}

const versionOf = ({ sizeBytes, modifiedAtMs, inode, device }: CatalogFile): FileVersion => ({
  sizeBytes,
  modifiedAtMs,
  inode: `${device}:${inode}`,
});
