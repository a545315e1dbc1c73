import type { ListFiles, ReplyOf } from '@allibrary/contracts';
import { type Pair, comparePages } from '@allibrary/core';
import type { Attention } from './reviewing/attention.ts';
import type { CollectionRecord } from './known/collection-record.ts';
import { isHidden } from './seeing/entry-name.ts';
import type { IgnorePatterns } from './seeing/ignore-patterns.ts';
import { type FileVersion, isUnchanged } from './seeing/sighting.ts';
import type { FileFactsPublisher } from './known/file-facts.publisher.ts';
import type { KnownFiles, LocatedFile } from './known/known-files.ts';
import type { Losses } from './reviewing/losses.ts';

const PAGE = 1_000;
/** Stands for the folder in which files of the catalog were seen by a read model that is no more: it is like no other. */
const FORGOTTEN_ROOT = 'forgotten';

type FilePage = ReplyOf<typeof ListFiles>;
type CatalogFile = FilePage['items'][number];
type FilePair = Pair<LocatedFile, CatalogFile>;

/** Reads a page of the files that the catalog holds of a collection. */
export type ReadFilePage = (collection: string, after: string, limit: number) => Promise<FilePage>;

/** What the comparison of one collection needs. */
export interface CollectionComparisonParts {
  readonly known: KnownFiles;
  readonly record: CollectionRecord;
  readonly patterns: IgnorePatterns;
  readonly publisher: Pick<FileFactsPublisher, 'lost' | 'losses'>;
  readonly attention: Pick<Attention, 'consider'>;
  readonly losses: Pick<Losses, 'catalogCompared'>;
  readonly keepsInodes: () => boolean;
  /** Files became known that this read model had lost: a scan has to tell whether they are there. */
  readonly onRemembered: () => void;
}

/**
 * Compares which files of a collection were published with those that the catalog holds. What differs is reviewed like any
 * path that may have changed, so the rules about settling files and broken mounts hold for it as well.
 */
export class CollectionComparison {
  #hasRemembered = false;

  constructor(private readonly parts: CollectionComparisonParts) {}

  /**
   * Compares once; returns false when something is left to compare later. With `isQuiet`, no fact was on its way when the
   * comparison began.
   */
  async compare(files: ReadFilePage, isQuiet: boolean, signal: AbortSignal): Promise<boolean> {
    const { known, publisher, losses, onRemembered } = this.parts;
    const published = publisher.losses;
    const mayRemember = () => isQuiet && publisher.losses === published;
    const keyOf = ({ path }: { path: string }) => path;
    const own = async (after: string) => {
      const items = known.pageByPath(after, PAGE);
      return { items, isLast: items.length < PAGE };
    };
    const source = (after: string) => {
      signal.throwIfAborted();
      return files(known.collection, after, PAGE);
    };
    let isComplete = true;
    this.#hasRemembered = false;
    for await (const pairs of comparePages({ page: own, keyOf }, { page: source, keyOf }))
      for (const pair of pairs) if (!(await this.#mend(pair, mayRemember))) isComplete = false;
    if (this.#hasRemembered) onRemembered();
    if (isComplete) losses.catalogCompared();
    return isComplete;
  }

  /** Returns false when a difference can't be mended now. */
  async #mend({ key: path, own, source }: FilePair, mayRemember: () => boolean): Promise<boolean> {
    const { known, keepsInodes } = this.parts;
    if (own && source && isUnchanged(own, versionOf(source), keepsInodes())) return true;
    const now = known.find(path);
    if (!own) return now !== undefined || !source || this.#remember(path, versionOf(source), mayRemember);
    if (!now || !isUnchanged(now, own, keepsInodes())) return true; // it was published while the pages were read
    if (now.isMissing) return false; // it may be on a disk that is not mounted: its record holds until it is back
    known.forget(path);
    await this.parts.attention.consider(path);
    return true;
  }

  /** A file of the catalog that this read model has lost becomes a known one, and may then be missing like any other. */
  async #remember(path: string, version: FileVersion, mayRemember: () => boolean): Promise<boolean> {
    const { known, record, patterns, publisher, attention } = this.parts;
    if (!mayRemember()) return false; // that it is lost may be on its way
    if (isHidden(path) || patterns.patternFor(path) !== null) {
      await publisher.lost(path, 'left-out');
      return true;
    }
    this.#hasRemembered = true;
    record.root ??= FORGOTTEN_ROOT;
    known.record(path, version, record.scan);
    await attention.consider(path);
    return true;
  }
}

const versionOf = ({ sizeBytes, modifiedAtMs, inode, device }: CatalogFile): FileVersion => ({
  sizeBytes,
  modifiedAtMs,
  inode: `${device}:${inode}`,
});
