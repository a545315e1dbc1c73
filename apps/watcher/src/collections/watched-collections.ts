import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, CollectionStatus } from '@allibrary/contracts';
import type { CollectionFolder, Collections } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import type { FileFactsPublisher } from '../known/file-facts.publisher.ts';
import { IgnorePatterns } from '../seeing/ignore-patterns.ts';
import { type SharedParts, type WatchedCollection, watchedCollection } from './watched-collection.ts';

const RETRY_MS = 5_000;
const PAGE = 500;

/** Watches each collection that is wanted, and publishes the files of the others as left out. */
export class WatchedCollections {
  readonly #watched = new Map<string, WatchedCollection>();
  readonly #closing = new AbortController();
  #changed = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(
    private readonly collections: Collections,
    private readonly shared: SharedParts,
  ) {}

  /** Starts with the collections that are wanted now, and follows each change of them. */
  start(): void {
    this.collections.onChange(() => this.#changed.resolve());
    this.#running = this.#run();
  }

  find(id: string): WatchedCollection | undefined {
    return this.#watched.get(id);
  }

  /** Returns the publisher for a collection, wanted or not. */
  publisherOf(id: string): Pick<FileFactsPublisher, 'lost'> {
    return this.shared.known.find(id).publisher;
  }

  /** The statuses of all collections, in the order of the settings. */
  get statuses(): CollectionStatus[] {
    return this.collections.all.flatMap(({ collection }) => this.find(collection.id)?.watch.status ?? []);
  }

  /** The problems of all collections, as a text for people; null when there is none. */
  get problem(): string | null {
    const problems = this.statuses.flatMap(({ id, state, evidence, remedy }) =>
      state === 'frozen' || state === 'unavailable' ? `${id} is ${state}: ${evidence}. ${remedy}` : [],
    );
    return problems.length > 0 ? problems.join(' ') : null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#changed.resolve();
    await this.#running;
    await Promise.all([...this.#watched.values()].map(({ watch }) => watch.close()));
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#changed = Promise.withResolvers();
      try {
        await this.#reconcile(signal);
        await this.#changed.promise;
      } catch (error) {
        this.shared.logger.warn({ error: describeError(error) }, 'change of the collections failed, retrying');
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    if (!this.collections.isKnown) return; // unknown settings must not retire the collections that are watched
    const wanted = new Map(this.collections.all.map((folder) => [folder.collection.id, folder]));
    for (const [id, { watch }] of this.#watched) {
      const next = wanted.get(id);
      if (next && isWatchedAlike(watch.collection, next.collection)) continue;
      this.#watched.delete(id);
      await watch.close();
    }
    for (const id of this.shared.known.ids) {
      if (!wanted.has(id)) await this.#retire(id, signal);
    }
    for (const [id, folder] of wanted) {
      if (!this.#watched.has(id)) await this.#begin(folder, signal);
    }
  }

  /** An owner who removes a collection means its files to be gone: freezing does not apply. */
  async #retire(id: string, signal: AbortSignal): Promise<void> {
    await this.#leaveOut(id, () => true, signal);
    if (!signal.aborted) this.shared.known.find(id).record.drop();
  }

  async #begin(folder: CollectionFolder, signal: AbortSignal): Promise<void> {
    const { id, ignore, folder: path } = folder.collection;
    const { record } = this.shared.known.find(id);
    // The owner named another folder: freezing does not apply to the files of the previous one.
    if (record.folder !== null && record.folder !== path) await this.#leaveOut(id, () => true, signal);
    if (signal.aborted) return;
    record.open(path);
    if (JSON.stringify(record.patterns) !== JSON.stringify(ignore)) {
      const patterns = new IgnorePatterns(ignore);
      await this.#leaveOut(id, (file) => patterns.patternFor(file) !== null, signal);
      if (!signal.aborted) record.patterns = ignore;
    }
    if (signal.aborted) return;
    const watched = watchedCollection(folder, this.shared);
    this.#watched.set(id, watched);
    watched.watch.start();
  }

  async #leaveOut(id: string, isLeftOut: (file: string) => boolean, signal: AbortSignal): Promise<void> {
    const { files, publisher } = this.shared.known.find(id);
    for (let page = files.page(0, PAGE); page.length > 0; page = files.page(page.at(-1)?.id ?? 0, PAGE)) {
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
