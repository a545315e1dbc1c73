import { constants } from 'node:fs';
import { link, lstat, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Location } from '@allibrary/contracts';
import { numberedFileName } from '@allibrary/core';
import type { CollectionFolder, Collections } from '@allibrary/library';

/** The folder inside a collection that belongs to this service; the watcher passes over hidden names. */
export const OWN_FOLDER = '.allibrary';
const MOST_NUMBERS = 1_000;

/** No collection takes downloads. */
export class NoDownloadFolder extends Error {
  override readonly name = 'NoDownloadFolder';
}

/** Where downloads are written: the collection that takes them. */
export class DownloadFolder {
  constructor(private readonly collections: Collections) {}

  /** The file that a download is written to until it is complete, in the same file system as its place. */
  partialFile(documentId: string): string {
    return join(this.#folder.collection.folder, OWN_FOLDER, 'partial', `${documentId}.part`);
  }

  /** Whether peers may know what is downloaded. */
  get isPublic(): boolean {
    return this.collections.forDownloads?.collection.visibility === 'public';
  }

  /**
   * Gives a complete file its place under the name, or a numbered one: never over another file. The partial file's own name
   * is to be removed when the place has been recorded.
   */
  async place(file: string, name: string): Promise<Location> {
    const { collection } = this.#folder;
    for (let number = 1; number <= MOST_NUMBERS; number++) {
      const path = numberedFileName(name, number);
      if (!(await linkTo(file, join(collection.folder, path)))) continue;
      await syncFolder(collection.folder);
      return { collection: collection.id, path };
    }
    throw new Error(`${MOST_NUMBERS} files called ${JSON.stringify(name)} are in the library already`);
  }

  get #folder(): CollectionFolder {
    const folder = this.collections.forDownloads;
    if (folder) return folder;
    throw new NoDownloadFolder('No collection takes downloads: choose one in the settings.');
  }
}

/**
 * Gives a file a second name that is free; answers false when it is taken. Unlike a rename, a link never replaces a file.
 * The first name stays, so that whoever is killed now finds the same place again.
 */
async function linkTo(file: string, target: string): Promise<boolean> {
  try {
    await link(file, target);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return isSameFile(file, target);
    if (code === 'EPERM' || code === 'ENOTSUP') return reserveAndRename(file, target);
    throw error;
  }
}

async function isSameFile(file: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(file), lstat(other)]);
  return a.ino === b.ino && a.dev === b.dev;
}

/** For file systems without links, such as exFAT: takes the name with an empty file, then renames over it. */
async function reserveAndRename(file: string, target: string): Promise<boolean> {
  try {
    await (await open(target, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await rename(file, target);
  return true;
}

/** Makes a folder's new names survive a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
