import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { LinkInPath, type OpenedFolder } from '@allibrary/library';
import { type SkipReason, readEntryName } from './entry-name.ts';
import { compareFolders, isInFolder } from './folder-order.ts';
import type { IgnorePatterns } from './ignore-patterns.ts';
import { skipReasonOf } from './folder-view.ts';

/** How many entries are read from a folder, and how many files yielded, at once. */
const BATCH = 256;

/** What is walked, and what receives its results. */
export interface Walk {
  /** Opens a folder; '' is the root. */
  readonly open: (folder: string) => Promise<OpenedFolder>;
  /** The folder where it starts; '' is the root. */
  readonly folder: string;
  /** Folders before this one, in their order, are skipped. */
  readonly resumeAt?: string | undefined;
  readonly patterns: IgnorePatterns;
  /** A folder is about to be read. */
  readonly onFolder: (folder: string) => Promise<void>;
  /** An entry that can't be shared. */
  readonly onSkipped: (path: string, reason: SkipReason) => void;
  /** A folder that can't be read now. */
  readonly onUnclear: (folder: string) => void;
}

/** Files of one folder, by their paths. */
export interface FileBatch {
  /** The opened folder; it is closed after the batch. */
  readonly folder: OpenedFolder;
  readonly paths: readonly string[];
}

/**
 * Finds the files of a folder and of all folders in it, in batches. No link is followed. A folder is read as a stream, and
 * the folders in a fixed order: memory grows with the number of sibling folders, not with the number of files, and an
 * interrupted walk can be resumed.
 */
export async function* walkFiles(walk: Walk, signal: AbortSignal): AsyncGenerator<FileBatch> {
  const waiting = [walk.folder];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const { resumeAt = '' } = walk;
    const isBefore = compareFolders(folder, resumeAt) < 0;
    if (isBefore && !isInFolder(resumeAt, folder)) continue;
    const inner: string[] = [];
    const opened = await openFolder(walk, folder, isBefore);
    if (!opened) continue;
    try {
      let paths: string[] = [];
      for await (const { path, entry } of readFolder(walk, folder, opened)) {
        if (signal.aborted) return;
        if (entry.isDirectory()) {
          if (walk.patterns.patternForFolder(path) === null) inner.push(path);
        } else if (!isBefore && walk.patterns.patternFor(path) === null) {
          if (entry.isFile()) paths.push(path);
          else walk.onSkipped(path, entry.isSymbolicLink() ? 'symlink' : 'special');
        }
        if (paths.length < BATCH) continue;
        yield { folder: opened, paths };
        paths = [];
      }
      if (paths.length > 0) yield { folder: opened, paths };
    } finally {
      await opened.close();
    }
    waiting.push(...inner.toSorted(compareFolders).toReversed());
  }
}

interface Entry {
  readonly path: string;
  readonly entry: Dirent<Buffer>;
}

/** The entries of one folder that are not hidden and have a name that can be shared. */
async function* readFolder(walk: Walk, folder: string, opened: OpenedFolder): AsyncGenerator<Entry> {
  try {
    for await (const entry of await entriesOf(opened)) {
      const name = readEntryName(folder, entry.name);
      if (name.kind === 'path') yield { path: name.path, entry };
      if (name.kind === 'skipped') walk.onSkipped(name.path, name.reason);
    }
  } catch (error) {
    reportUnread(walk, folder, error);
  }
}

/** Returns undefined when the folder can't be read, after that was reported. */
async function openFolder(walk: Walk, folder: string, isBefore: boolean): Promise<OpenedFolder | undefined> {
  let opened: OpenedFolder | undefined;
  try {
    opened = await walk.open(folder);
    if (!isBefore) await walk.onFolder(folder); // it exists, and none of it is read yet
    return opened;
  } catch (error) {
    await opened?.close();
    reportUnread(walk, folder, error);
    return undefined;
  }
}

/** A link in the place of a folder counts as no folder; the files of a folder that can't be read now are not lost. */
function reportUnread(walk: Walk, folder: string, error: unknown): void {
  if (folder === '') throw error;
  if (error instanceof LinkInPath) return walk.onSkipped(folder, 'symlink');
  const reason = skipReasonOf(error);
  if (!reason) return;
  walk.onSkipped(folder, reason);
  walk.onUnclear(folder);
}

/** Names are read as bytes: two names that are not valid UTF-8 can become the same string. */
async function entriesOf(folder: OpenedFolder): Promise<AsyncIterable<Dirent<Buffer>>> {
  // Node knows this encoding here as in readdir; its types don't.
  const encoding = 'buffer' as BufferEncoding;
  return (await opendir(folder.path, { encoding, bufferSize: BATCH })) as unknown as AsyncIterable<Dirent<Buffer>>;
}
