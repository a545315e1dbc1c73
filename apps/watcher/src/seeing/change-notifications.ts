import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';
import { isHidden } from './entry-name.ts';
import type { RootState } from './folder-view.ts';
import { type FolderListener, FolderWatcher } from './folder-watcher.ts';
import type { NotificationQueue } from './notification-queue.ts';
import type { ModeChoice, WatchTrial } from './watch-trial.ts';

/** What the file system reports of a collection. */
export type ChangeEvent =
  /** Something happened at the path. */
  | { readonly kind: 'hint'; readonly path: string }
  /** Something happened in the folder that only a scan of it finds; '' is the collection itself. */
  | { readonly kind: 'unclear'; readonly folder: string }
  /** Notifications were lost, and no folder is watched any more: only a scan of the collection brings both back. */
  | { readonly kind: 'overflowed' }
  /** It was decided whether changes are reported or the folder is polled. */
  | { readonly kind: 'mode-chosen' };

/** The collaborators of the change notifications. */
export interface NotificationsParts {
  readonly trial: WatchTrial;
  readonly queue: NotificationQueue;
  readonly events: { push(event: ChangeEvent): void };
  readonly metrics: WatcherMetrics;
  readonly log: Logger;
}

type PresentRoot = RootState & { kind: 'present' };

/** The file system's notifications of changes in a collection, and whether they can be relied upon. */
export class ChangeNotifications {
  #watcher: FolderWatcher | undefined;
  #closing: Promise<void> | undefined;
  #choosing: AbortController | undefined;
  #isChosen = false;
  #choice: ModeChoice = { mode: 'polling', reason: 'not tried yet' };

  constructor(private readonly parts: NotificationsParts) {}

  /** How changes are noticed, and why. */
  get choice(): ModeChoice {
    return this.#choice;
  }

  /** Starts on the folder that is there now: a watch stays with the old one when another is mounted in its place. */
  async begin(root: PresentRoot): Promise<void> {
    await this.close();
    const { name, reportsChanges } = root.fileSystem;
    this.#isChosen = false;
    this.#choose({ mode: reportsChanges ? 'events' : 'polling', reason: `${name}; the trial runs` });
    this.#watch(root);
  }

  /** Resolves when the changes in a folder are reported, if they are at all. */
  async watch(folder: string): Promise<void> {
    await this.#watcher?.watch(folder);
  }

  /** Whether a folder was at the path at its last scan. */
  isWatched(path: string): boolean {
    return this.#watcher?.has(path) === true;
  }

  /** Stops watching a folder that is gone or was replaced. */
  forget(folder: string): void {
    this.#watcher?.forget(folder);
  }

  async close(): Promise<void> {
    this.#choosing?.abort();
    await this.#watcher?.close();
    await this.#closing;
  }

  #watch(root: PresentRoot): void {
    const choosing = new AbortController();
    const watcher = new FolderWatcher(root.realPath, this.#listener(root), this.parts.queue);
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

  /** Watches no folder at first; the scan that follows adds each folder before it reads it. */
  #watchAgain(root: PresentRoot): void {
    const { metrics, log, events } = this.parts;
    metrics.watchingErrors.inc();
    log.warn('too many changes at once: change notifications were lost, a scan follows');
    this.#choosing?.abort();
    this.#watch(root);
    events.push({ kind: 'overflowed' });
  }

  #listener(root: PresentRoot): FolderListener {
    const { trial, events, metrics } = this.parts;
    return {
      changed: (path) => {
        if (path === '') events.push({ kind: 'unclear', folder: '' });
        else if (isHidden(path)) trial.observe(path);
        else events.push({ kind: 'hint', path });
      },
      changedUnreadably: (folder) => events.push({ kind: 'unclear', folder }),
      overflowed: () => this.#watchAgain(root),
      failed: (error) => {
        metrics.watchingErrors.inc();
        const remedy = remedyFor(error);
        if (remedy !== undefined && !this.#choosing?.signal.aborted) this.#distrust(remedy);
      },
    };
  }

  /** A folder that is watched in part must be polled as a whole. */
  #distrust(reason: string): void {
    this.#choosing?.abort();
    this.#choose({ mode: 'polling', reason });
    this.parts.log.warn({ reason }, 'changes are not reported, the collection is polled');
    this.#closing = this.#watcher?.close();
  }

  #choose(choice: ModeChoice): void {
    if (choice.mode !== this.#choice.mode) this.parts.log.info({ ...choice }, 'watch mode chosen');
    this.#choice = choice;
    this.parts.events.push({ kind: 'mode-chosen' });
  }
}

/** What helps where a limit of the system is reached; undefined for errors of single folders, which scans make up for. */
function remedyFor(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return "the system's limit of watched folders is reached: raise fs.inotify.max_user_watches, then restart";
  if (code === 'EMFILE')
    return 'the limit of open files or watches is reached: raise ulimit -n and fs.inotify.max_user_instances, then restart';
  return undefined;
}
