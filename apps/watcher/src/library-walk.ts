import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { type SkipReason, readEntryName } from './domain/entry-name.ts';
import { skipReasonOf } from './library-folder.ts';

/** How many entries are read from a folder, and how many files handed out, at once. */
const BATCH = 64;

/** Is told of each entry that can't be shared. */
export type OnSkipped = (path: string, reason: SkipReason) => void;

/**
 * Finds the files of a folder and all folders in it, in batches of their paths. A folder is read as a stream: the
 * memory this takes grows with the number of folders beside the present one, not with the number of files.
 */
export async function* walkFiles(root: string, onSkipped: OnSkipped, signal: AbortSignal): AsyncGenerator<string[]> {
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let files: string[] = [];
    for await (const { path, entry } of readFolder(root, folder, onSkipped)) {
      if (signal.aborted) return;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
      else onSkipped(path, entry.isSymbolicLink() ? 'symlink' : 'special');
      if (files.length < BATCH) continue;
      yield files;
      files = [];
    }
    if (files.length > 0) yield files;
  }
}

/** The entries of one folder that are not hidden and have a name that can be shared. */
async function* readFolder(
  root: string,
  folder: string,
  onSkipped: OnSkipped,
): AsyncGenerator<{ path: string; entry: Dirent<Buffer> }> {
  try {
    for await (const entry of await openFolder(join(root, folder))) {
      const name = readEntryName(folder, entry.name);
      if (name.kind === 'path') yield { path: name.path, entry };
      if (name.kind === 'skipped') onSkipped(name.path, name.reason);
    }
  } catch (error) {
    if (folder === '') throw error;
    const reason = skipReasonOf(error);
    if (reason) onSkipped(folder, reason);
  }
}

/** Names as bytes, for a name that is no UTF-8 can't be told from another one once it is a string. */
async function openFolder(path: string): Promise<AsyncIterable<Dirent<Buffer>>> {
  // Node knows this encoding here as in readdir; its types don't.
  const encoding = 'buffer' as BufferEncoding;
  return (await opendir(path, { encoding, bufferSize: BATCH })) as unknown as AsyncIterable<Dirent<Buffer>>;
}
