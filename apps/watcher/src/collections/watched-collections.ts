import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, CollectionStatus } from '@allibrary/contracts';
import type { CollectionFolder, Collections } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import type { Logger, ReadModel } from '@allibrary/platform';
import type { CollectionComparison } from '../collection-comparison.ts';
import { CollectionRecord } from '../known/collection-record.ts';
import type { CollectionWatch } from './collection-watch.ts';
import type { FileExplainer } from '../reviewing/file-explainer.ts';
import { IgnorePatterns } from '../seeing/ignore-patterns.ts';
import type { FileFactsPublisher } from '../known/file-facts.publisher.ts';
import type { KnownFiles } from '../known/known-files.ts';
import type { Losses } from '../reviewing/losses.ts';

const RETRY_MS = 5_000;
const PAGE = 500;

/** One collection at work. */
export interface WatchedCollection {
  readonly watch: CollectionWatch;
  readonly losses: Losses;
  readonly explainer: FileExplainer;
  readonly comparison: CollectionComparison;
}

/** What is needed to say that files are not shared any more. */
export interface Retirement {
  readonly known: KnownFiles;
  readonly publisher: FileFactsPublisher;
}

/** What the collections stand on. */
export interface WatchedCollectionsParts {
  readonly collections: Collections;
  readonly model: ReadModel;
  readonly logger: Logger;
  readonly assemble: (folder: CollectionFolder) => WatchedCollection;
  readonly retirement: (id: string) => Retirement;
  readonly stopping: AbortController;
}

/** Keeps a watch on each collection that is wanted, and says that the files of the others are not shared any more. */
export class WatchedCollections {
  readonly #watched = new Map<string, WatchedCollection>();
  #changed = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(private readonly parts: WatchedCollectionsParts) {}

  /** Starts with what is wanted now, and follows each change of it. */
  start(): void {
    this.parts.collections.onChange(() => this.#changed.resolve());
    this.#running = this.#run();
  }

  find(id: string): WatchedCollection | undefined {
    return this.#watched.get(id);
  }

  /** What publishes that files of a collection are not shared any more, wanted or not. */
  publisherOf(id: string): Pick<FileFactsPublisher, 'lost'> {
    return this.parts.retirement(id).publisher;
  }

  /** How the collections stand, in the order of the settings. */
  get statuses(): CollectionStatus[] {
    return this.parts.collections.all.flatMap(({ collection }) => this.find(collection.id)?.watch.status ?? []);
  }

  /** What is wrong, for people; null when all is well. */
  get problem(): string | null {
    const problems = this.statuses.flatMap(({ id, state, evidence, remedy }) =>
      state === 'frozen' || state === 'unavailable' ? `${id} is ${state}: ${evidence}. ${remedy}` : [],
    );
    return problems.length > 0 ? problems.join(' ') : null;
  }

  async stop(): Promise<void> {
    this.parts.stopping.abort();
    this.#changed.resolve();
    await this.#running;
    await Promise.all([...this.#watched.values()].map(({ watch }) => watch.stop()));
  }

  async #run(): Promise<void> {
    const { signal } = this.parts.stopping;
    while (!signal.aborted) {
      this.#changed = Promise.withResolvers();
      try {
        await this.#reconcile(signal);
        await this.#changed.promise;
      } catch (error) {
        const { logger } = this.parts;
        logger.warn(
          { error: describeError(error) },
          'a change of the collections could not be said yet; it is tried again',
        );
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    if (!this.parts.collections.isKnown) return; // that none is known yet must not retire those that are watched
    const wanted = new Map(this.parts.collections.all.map((folder) => [folder.collection.id, folder]));
    for (const [id, { watch }] of this.#watched) {
      const next = wanted.get(id);
      if (next && isWatchedAlike(watch.collection, next.collection)) continue;
      this.#watched.delete(id);
      await watch.stop();
    }
    for (const id of CollectionRecord.ids(this.parts.model)) {
      if (!wanted.has(id)) await this.#retire(id, signal);
    }
    for (const [id, folder] of wanted) {
      if (!this.#watched.has(id)) await this.#begin(folder, signal);
    }
  }

  /** An owner who removes a collection wants its files to be gone: there is nothing to doubt. */
  async #retire(id: string, signal: AbortSignal): Promise<void> {
    await this.#leaveOut(id, () => true, signal);
    if (!signal.aborted) new CollectionRecord(this.parts.model, id).drop();
  }

  async #begin(folder: CollectionFolder, signal: AbortSignal): Promise<void> {
    const { id, ignore, folder: path } = folder.collection;
    const record = new CollectionRecord(this.parts.model, id);
    // The owner named another folder: there is nothing to doubt about the files of the one before.
    if (record.folder !== null && record.folder !== path) await this.#leaveOut(id, () => true, signal);
    if (signal.aborted) return;
    record.open(path);
    if (JSON.stringify(record.patterns) !== JSON.stringify(ignore)) {
      const patterns = new IgnorePatterns(ignore);
      await this.#leaveOut(id, (file) => patterns.patternFor(file) !== null, signal);
      if (!signal.aborted) record.patterns = ignore;
    }
    if (signal.aborted) return;
    const watched = this.parts.assemble(folder);
    this.#watched.set(id, watched);
    watched.watch.start();
  }

  async #leaveOut(id: string, isLeftOut: (file: string) => boolean, signal: AbortSignal): Promise<void> {
    const { known, publisher } = this.parts.retirement(id);
    for (let page = known.page(0, PAGE); page.length > 0; page = known.page(page.at(-1)?.id ?? 0, PAGE)) {
      if (signal.aborted) return;
      const leftOut = page.filter(({ path }) => isLeftOut(path));
      await Promise.all(leftOut.map(({ path }) => publisher.lost(path, 'left-out')));
    }
  }
}

/** Its name and visibility do not matter to a watch. */
const isWatchedAlike = (one: Collection, other: Collection): boolean =>
  one.folder === other.folder &&
  one.writable === other.writable &&
  JSON.stringify(one.ignore) === JSON.stringify(other.ignore);
