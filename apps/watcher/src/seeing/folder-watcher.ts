import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import type { NotificationQueue } from './notification-queue.ts';

/** Replaces bytes of a name that are not valid UTF-8. */
const NOT_UTF8 = '\uFFFD';
/** How long the reading of a folder waits until the folder is watched; the next scan finds what happens in between. */
const WATCHED_LIMIT_MS = 2_000;

/** Receives what happens in the watched folders. */
export interface FolderListener {
  /** Something happened at the path; '' is the root itself. */
  changed(path: string): void;
  /** Something happened in the folder to a name that is not valid UTF-8, so that no path leads to it. */
  changedUnreadably(folder: string): void;
  /** Notifications were lost: the watcher has closed itself. */
  overflowed(): void;
  failed(error: unknown): void;
}

/**
 * Watches folders through the file system's own notifications. They are hints: some get lost when many come at once.
 * Folders are added one by one, and chokidar ignores what lies in them: it would keep every file in memory, and stat each
 * of them again when one changes.
 */
export class FolderWatcher {
  readonly #watched = new Set<string>();
  readonly #beginning = new Map<string, () => void>();
  readonly #chokidar;
  readonly #leaveQueue: () => void;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly root: string,
    listener: FolderListener,
    queue: NotificationQueue,
  ) {
    this.#leaveQueue = queue.onOverflow(() => {
      this.close().catch((error: unknown) => listener.failed(error)); // nothing is reported after the call
      listener.overflowed();
    });
    this.#chokidar = watch([], {
      depth: 0,
      followSymlinks: false,
      atomic: false,
      ignorePermissionErrors: true,
      ignored: (path) => !this.#watched.has(path),
    });
    this.#chokidar.on('addDir', (path) => this.#begun(path));
    this.#chokidar.on('raw', (_event, name, details) => {
      queue.count();
      if (this.#closing) return;
      const folder = this.#inRoot((details as { watchedPath: string }).watchedPath);
      if (name === null) return listener.changed(folder);
      if (name.includes(NOT_UTF8)) listener.changedUnreadably(folder);
      listener.changed(folder === '' ? name : `${folder}/${name}`);
    });
    this.#chokidar.on('error', (error) => listener.failed(error));
  }

  /** Whether the folder was there when it was last read. */
  has(folder: string): boolean {
    return this.#watched.has(join(this.root, folder));
  }

  /** Resolves when changes in the folder, but not in the folders in it, are reported. */
  async watch(folder: string): Promise<void> {
    const absolute = join(this.root, folder);
    if (this.#closing || this.#watched.has(absolute)) return;
    this.#watched.add(absolute);
    const begun = Promise.withResolvers<void>();
    this.#beginning.set(absolute, begun.resolve);
    const limit = setTimeout(begun.resolve, WATCHED_LIMIT_MS);
    this.#chokidar.add(absolute);
    await begun.promise;
    clearTimeout(limit);
    this.#beginning.delete(absolute);
  }

  /** Stops watching a folder that is gone or was replaced, and all folders in it. */
  forget(folder: string): void {
    if (this.#closing || !this.has(folder)) return;
    const absolute = join(this.root, folder);
    const gone = [...this.#watched].filter((path) => path === absolute || path.startsWith(absolute + sep));
    for (const path of gone) this.#watched.delete(path);
    this.#chokidar.unwatch(gone);
  }

  close(): Promise<void> {
    if (this.#closing) return this.#closing;
    this.#leaveQueue();
    for (const resolve of this.#beginning.values()) resolve();
    this.#closing = this.#chokidar.close();
    return this.#closing;
  }

  #begun(path: string): void {
    this.#beginning.get(path)?.();
  }

  #inRoot(path: string): string {
    return relative(this.root, path).split(sep).join('/');
  }
}
