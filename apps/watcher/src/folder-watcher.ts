import { relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { isHidden } from './domain/entry-name.ts';

/** What stands in a name for bytes that are no UTF-8. */
const NOT_UTF8 = '\uFFFD';

/** Who is told what happens in a folder. */
export interface FolderListener {
  /** Something happened at the path, which wants a look; '' is the watched folder itself. */
  onHint(path: string): void;
  /** Something happened to a name that is no UTF-8, so that no path leads to it. */
  onUnreadableName(): void;
  /** From now on changes are reported; those before were not. */
  onReady(): void;
  onError(error: unknown): void;
}

/** A folder that is being watched. */
export interface WatchedFolder {
  close(): Promise<void>;
}

/**
 * Watches a folder and all folders in it, through the file system's own notices. They are hints: some get lost when
 * many come at once, on network drives, and while a new folder is not yet watched.
 */
export function watchFolder(root: string, listener: FolderListener): WatchedFolder {
  const inLibrary = (path: string): string => relative(root, path).split(sep).join('/');
  const watcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    // Settling does what this is for; and it would hide every name that ends in «~».
    atomic: false,
    ignorePermissionErrors: true,
    ignored: (path) => isHidden(inLibrary(path)),
  });
  watcher.on('all', (_event, path) => listener.onHint(inLibrary(path)));
  // The raw notices come before chokidar looks for what they name, and drops what it does not find.
  watcher.on('raw', (_event, path) => {
    if (String(path).includes(NOT_UTF8)) listener.onUnreadableName();
  });
  watcher.on('ready', () => listener.onReady());
  watcher.on('error', (error) => listener.onError(error));
  return { close: () => watcher.close() };
}
