import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { type SkipReason, readEntryName } from './domain/entry-name.ts';
import { compareFolders, isInFolder } from './domain/folder-order.ts';
import type { IgnorePatterns } from './domain/ignore-patterns.ts';
import { skipReasonOf } from './folder-view.ts';

/** How many entries are read from a folder, and how many files handed out, at once. */
const BATCH = 256;

/** What is walked, and who is told what on the way. */
export interface Walk {
  readonly root: string;
  /** The folder where it begins; '' is the root. */
  readonly folder: string;
  /** Folders before this one, in their order, are passed over. */
  readonly resumeAt?: string | undefined;
  readonly patterns: IgnorePatterns;
  /** A folder is about to be read. */
  readonly onFolder: (folder: string) => Promise<void>;
  /** An entry that can't be shared. */
  readonly onSkipped: (path: string, reason: SkipReason) => void;
  /** A folder that can't be read now. */
  readonly onUnclear: (folder: string) => void;
}

/**
 * Finds the files of a folder and all folders in it, in batches of their paths. A folder is read as a stream, and the
 * folders in a fixed order: the memory this takes grows with the number of folders beside the present one, not with the
 * number of files, and it can go on where it was cut short.
 */
export async function* walkFiles(walk: Walk, signal: AbortSignal): AsyncGenerator<string[]> {
  const waiting = [walk.folder];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const { resumeAt = '' } = walk;
    const isBefore = compareFolders(folder, resumeAt) < 0;
    if (isBefore && !isInFolder(resumeAt, folder)) continue;
    const inner: string[] = [];
    let files: string[] = [];
    for await (const { path, entry } of readFolder(walk, folder, isBefore)) {
      if (signal.aborted) return;
      if (entry.isDirectory()) {
        if (walk.patterns.patternForFolder(path) === null) inner.push(path);
      } else if (!isBefore && walk.patterns.patternFor(path) === null) {
        if (entry.isFile()) files.push(path);
        else walk.onSkipped(path, entry.isSymbolicLink() ? 'symlink' : 'special');
      }
      if (files.length < BATCH) continue;
      yield files;
      files = [];
    }
    if (files.length > 0) yield files;
    waiting.push(...inner.toSorted(compareFolders).toReversed());
  }
}

interface Entry {
  readonly path: string;
  readonly entry: Dirent<Buffer>;
}

/** The entries of one folder that are not hidden and have a name that can be shared. */
async function* readFolder(walk: Walk, folder: string, isBefore: boolean): AsyncGenerator<Entry> {
  try {
    const entries = await openFolder(join(walk.root, folder));
    if (!isBefore) await walk.onFolder(folder); // it exists, and nothing of it is read yet
    for await (const entry of entries) {
      const name = readEntryName(folder, entry.name);
      if (name.kind === 'path') yield { path: name.path, entry };
      if (name.kind === 'skipped') walk.onSkipped(name.path, name.reason);
    }
  } catch (error) {
    if (folder === '') throw error;
    const reason = skipReasonOf(error);
    if (!reason) return;
    walk.onSkipped(folder, reason);
    walk.onUnclear(folder);
  }
}

/** Names as bytes, for a name that is no UTF-8 can't be told from another one once it is a string. */
async function openFolder(path: string): Promise<AsyncIterable<Dirent<Buffer>>> {
  // Node knows this encoding here as in readdir; its types don't.
  const encoding = 'buffer' as BufferEncoding;
  return (await opendir(path, { encoding, bufferSize: BATCH })) as unknown as AsyncIterable<Dirent<Buffer>>;
}
