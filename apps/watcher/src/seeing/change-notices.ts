import type { Collection } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { isHidden } from './entry-name.ts';
import type { FolderListener, FolderWatcher } from './folder-watcher.ts';
import type { RootState } from './folder-view.ts';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';
import type { ModeChoice, WatchTrial } from './watch-trial.ts';

/** What the notices stand on, and who is told of them. */
export interface NoticesParts {
  readonly collection: Collection;
  readonly trial: WatchTrial;
  readonly watchFolders: (root: string, listener: FolderListener) => FolderWatcher;
  readonly metrics: WatcherMetrics;
  readonly logger: Logger;
  /** Something happened at the path, which wants a look. */
  readonly onHint: (path: string) => void;
  /** Something happened in the folder that only a scan of it can see. */
  readonly onUnclearHint: (folder: string) => void;
  /** Notices were lost, and no folder is watched any more: only a scan of the collection brings both back. */
  readonly onOverflow: () => void;
}

type PresentRoot = RootState & { kind: 'present' };

/** The file system's notices of what changes in a collection, and whether they can be relied upon. */
export class ChangeNotices {
  #watcher: FolderWatcher | undefined;
  #closing: Promise<void> | undefined;
  #choosing: AbortController | undefined;
  #isChosen = false;
  #choice: ModeChoice = { mode: 'polling', reason: 'not tried yet' };

  constructor(private readonly parts: NoticesParts) {}

  /** How changes are noticed, and why. */
  get choice(): ModeChoice {
    return this.#choice;
  }

  /** Begins anew with the folder that is there now: a watch stays with the old one when another is mounted in its place. */
  async begin(root: PresentRoot): Promise<void> {
    await this.stop();
    const { name, reportsChanges } = root.fileSystem;
    this.#isChosen = false;
    this.#choose({ mode: reportsChanges ? 'events' : 'polling', reason: `${name}; the trial runs` });
    this.#watch(root);
  }

  #watch(root: PresentRoot): void {
    const choosing = new AbortController();
    const watcher = this.parts.watchFolders(root.realPath, this.#listener(root));
    this.#watcher = watcher;
    this.#choosing = choosing;
    if (this.#isChosen) return;
    this.parts.trial.choose(watcher, root.fileSystem, choosing.signal).then(
      (choice) => {
        if (choosing.signal.aborted) return;
        this.#isChosen = true;
        this.#choose(choice);
      },
      (error: unknown) => this.#distrust(`the trial failed: ${describeError(error)}`),
    );
  }

  /** Watches nothing at first; the scan that follows adds each folder before it reads it. */
  #watchAnew(root: PresentRoot): void {
    const { metrics, logger, collection, onOverflow } = this.parts;
    metrics.watchingErrors.inc();
    logger.warn({ collection: collection.id }, 'too many changes at once: notices were lost, a scan follows');
    this.#choosing?.abort();
    this.#watch(root);
    onOverflow();
  }

  /** Resolves when the changes in a folder are reported, if they are at all. */
  async watch(folder: string): Promise<void> {
    await this.#watcher?.watch(folder);
  }

  /** Whether a folder was at the path when it was last looked through. */
  isWatched(path: string): boolean {
    return this.#watcher?.has(path) === true;
  }

  /** Lets go of a folder that is gone, or another one. */
  forget(folder: string): void {
    this.#watcher?.forget(folder);
  }

  async stop(): Promise<void> {
    this.#choosing?.abort();
    await this.#watcher?.close();
    await this.#closing;
  }

  #listener(root: PresentRoot): FolderListener {
    const { trial, onHint, onUnclearHint, metrics } = this.parts;
    return {
      onHint: (path) => {
        if (path === '') onUnclearHint('');
        else if (isHidden(path)) trial.notice(path);
        else onHint(path);
      },
      onUnreadableName: onUnclearHint,
      onOverflow: () => this.#watchAnew(root),
      onError: (error) => {
        metrics.watchingErrors.inc();
        const remedy = remedyFor(error);
        if (remedy !== undefined && !this.#choosing?.signal.aborted) this.#distrust(remedy);
      },
    };
  }

  /** What is watched half would be trusted wrongly. */
  #distrust(reason: string): void {
    this.#choosing?.abort();
    this.#choose({ mode: 'polling', reason });
    this.parts.logger.warn({ collection: this.parts.collection.id }, `a collection can only be polled: ${reason}`);
    this.#closing = this.#watcher?.close();
  }

  #choose(choice: ModeChoice): void {
    const { logger, collection } = this.parts;
    if (choice.mode !== this.#choice.mode)
      logger.info({ collection: collection.id, ...choice }, 'how changes in a collection are noticed');
    this.#choice = choice;
  }
}

/** What helps where the system's limits are reached; undefined for errors of single folders, which scans make up for. */
function remedyFor(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return "the system's limit of watched folders is reached: raise fs.inotify.max_user_watches, then restart";
  if (code === 'EMFILE')
    return 'the limit of open files or watches is reached: raise ulimit -n and fs.inotify.max_user_instances, then restart';
  return undefined;
}
