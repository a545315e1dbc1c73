import { setTimeout as delay } from 'node:timers/promises';
import { CollectionChanged, type CollectionStatus, ListCollections } from '@allibrary/contracts';
import type { CollectionFolder, Collections, OpenedFolder } from '@allibrary/library';
import type { Bus } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { LocalFailure } from '../fetching/local-failure.ts';
import type { CollectionRoots } from './collection-roots.ts';
import { type RootVerdict, type SeenRoot, judgeRoot } from './judge-root.ts';
import { identityOf, seeRoot } from './see-root.ts';

/** How often the folders are looked at: a disk that is unmounted reports nothing. */
const LOOK_EVERY_MS = 2_000;
/** How often the watcher is asked, because signals get lost. */
const ASK_EVERY_MS = 10_000;

/** Nothing is written into a collection that is frozen, or whose folder is not the one that held its files. */
export class CollectionWithheld extends LocalFailure {
  override readonly name = 'CollectionWithheld';
  override readonly downloadCause = 'collection';
}

/** What withholding collections needs of the service. */
export interface WithheldParts {
  readonly collections: Collections;
  readonly roots: CollectionRoots;
  readonly bus: Pick<Bus, 'request' | 'watch'>;
  readonly logger: Logger;
}

/**
 * Decides which collections are withheld: their documents are not offered and nothing is written into their folders,
 * by what the watcher reports and by what this service sees of the folder itself. All of it comes back by itself.
 */
export class WithheldCollections {
  readonly #stopping = new AbortController();
  readonly #reports = new Map<string, CollectionStatus>();
  /** Null is well; a collection that is missing here has not been looked at. */
  readonly #reasons = new Map<string, string | null>();
  readonly #listeners = new Set<() => void>();
  #running: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: WithheldParts) {}

  /** Begins to look at the folders and to listen to the watcher. */
  start(): void {
    const { signal } = this.#stopping;
    const { collections, roots } = this.parts;
    collections.onChange(() => {
      if (collections.all.length > 0) roots.keepOnly(collections.all.map(({ collection }) => collection));
      this.#reports.clear(); // the watcher reports again after the change
      this.look().catch(() => {}); // it is repeated
    });
    this.#running = Promise.all([
      this.#repeat(() => this.look(), LOOK_EVERY_MS),
      this.#repeat(() => this.#ask(), ASK_EVERY_MS),
      this.#listen(signal),
    ]);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Calls the listener whenever a collection is withheld, or is so no longer. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Whether every wanted collection has been looked at. */
  get isComplete(): boolean {
    return this.parts.collections.all.every((folder) => this.#reasons.has(keyOf(folder)));
  }

  /** Why a collection is withheld; null when it is not. */
  reasonOf(id: string): string | null {
    const folder = this.parts.collections.find(id);
    const reason = folder && this.#reasons.get(keyOf(folder));
    return reason === undefined ? 'it has not been looked at yet' : reason;
  }

  /** Checks an opened folder right before something is written into it; throws {@link CollectionWithheld}. */
  async checkWritable(folder: CollectionFolder, root: OpenedFolder): Promise<void> {
    const verdict = this.#judge(folder, await identityOf(root));
    if (verdict.kind === 'withheld') throw withheldError(folder, verdict.reason);
  }

  /** Throws {@link CollectionWithheld} for a collection that was withheld when it was last looked at. */
  assertWritable(folder: CollectionFolder): void {
    const reason = this.reasonOf(folder.collection.id);
    if (reason !== null) throw withheldError(folder, reason);
  }

  /** Looks at the folders of all collections now. */
  async look(): Promise<void> {
    const { collections } = this.parts;
    const changes = await Promise.all(collections.all.map((folder) => this.#lookAt(folder)));
    if (changes.includes(true)) for (const listener of this.#listeners) listener();
  }

  async #lookAt(folder: CollectionFolder): Promise<boolean> {
    const { roots, logger } = this.parts;
    const { id } = folder.collection;
    const verdict = this.#judge(folder, await seeRoot(folder));
    const reason = verdict.kind === 'withheld' ? verdict.reason : null;
    if (verdict.kind === 'well') roots.setKnown(folder.collection, verdict.root);
    const before = this.#reasons.get(keyOf(folder));
    if (before === reason) return false;
    this.#reasons.set(keyOf(folder), reason);
    if (reason !== null) logger.warn({ collection: id, reason }, 'collection withheld');
    else if (before !== undefined) logger.info({ collection: id }, 'collection no longer withheld');
    return (before === null) !== (reason === null) || before === undefined;
  }

  #judge({ collection }: CollectionFolder, seen: SeenRoot | string): RootVerdict {
    const { roots } = this.parts;
    const report = this.#reports.get(collection.id) ?? storedReport(roots.frozen(collection));
    return judgeRoot({ seen, known: roots.known(collection), report });
  }

  async #ask(): Promise<void> {
    const { items } = await this.parts.bus.request(ListCollections, {});
    for (const status of items) this.#take(status);
    await this.look();
  }

  async #listen(signal: AbortSignal): Promise<void> {
    for await (const status of this.parts.bus.watch(CollectionChanged, signal)) {
      this.#take(status);
      await this.look();
    }
  }

  #take(status: CollectionStatus): void {
    const { id, state, evidence, remedy } = status;
    const folder = this.parts.collections.find(id);
    if (!folder) return;
    this.#reports.set(id, status);
    this.parts.roots.setFrozen(
      folder.collection,
      state === 'frozen' ? [evidence, remedy].filter(Boolean).join('. ') : null,
    );
  }

  /** What fails is tried again: the watcher may be away. */
  async #repeat(work: () => Promise<void>, everyMs: number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await work().catch(() => {});
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  }
}

const withheldError = ({ collection: { name } }: CollectionFolder, reason: string): CollectionWithheld =>
  new CollectionWithheld(`Nothing is written into ${name} now: ${reason}`);

/** Another folder of the same collection has to be looked at first. */
const keyOf = ({ collection: { id, folder } }: CollectionFolder): string => `${id}\0${folder}`;

/** The watcher's last report outlives this process: a frozen collection stays withheld until it reports another state. */
const storedReport = (frozen: string | null) =>
  frozen === null ? undefined : ({ state: 'frozen', evidence: frozen, remedy: null, folderIdentity: null } as const);
