import { constants } from 'node:fs';
import type { Location } from '@allibrary/contracts';
import { numberedFileName } from '@allibrary/core';
import type { CollectionFolder, Collections, OpenedFile, OpenedFolder } from '@allibrary/library';
import type { WithheldCollections } from '../withholding/withheld-collections.ts';
import { partialName, removePartialFile } from '../fetching/partial-file.ts';

/** The folder inside a collection that belongs to this service; the watcher passes over hidden names. */
export const OWN_FOLDER = '.allibrary';
const PARTIALS = 'partial';
const MOST_NUMBERS = 1_000;

/** No collection takes downloads. */
export class NoDownloadFolder extends Error {
  override readonly name = 'NoDownloadFolder';
}

/** Checks that an opened folder of a collection may be written to; throws when it may not. */
export type WriteCheck = (folder: CollectionFolder, root: OpenedFolder) => Promise<void>;

/** Folder of the collection that takes downloads. Everything in it is reached through opened folders. */
export class DownloadFolder {
  constructor(
    private readonly collections: Collections,
    private readonly withheld: Pick<WithheldCollections, 'checkWritable' | 'reasonOf' | 'assertWritable'>,
  ) {}

  /** Whether peers may know what is downloaded. */
  get isPublic(): boolean {
    const { collection } = this.collections.forDownloads ?? {};
    return collection?.visibility === 'public' && this.withheld.reasonOf(collection.id) === null;
  }

  /** Throws when a file that is open already may no longer be written to. */
  assertWritable(): void {
    this.withheld.assertWritable(this.#folder);
  }

  /** Runs work on the folder of partial files, which is in the same file system as the collection. */
  usePartials<T>(work: (folder: OpenedFolder) => Promise<T>): Promise<T> {
    return this.#useRoot((root) => usePartialsIn(root, work));
  }

  /** Deletes what was fetched of a document. */
  removePartial(documentId: string): Promise<void> {
    return this.usePartials((folder) => removePartialFile(folder, partialName(documentId)));
  }

  /**
   * Gives a complete file its place under the wanted name, or a numbered one: never over another file. The partial
   * file's own name is to be removed when the place has been recorded.
   */
  place(partial: string, file: OpenedFile, wanted: string): Promise<Location> {
    const { collection } = this.#folder;
    return this.#useRoot((root) =>
      usePartialsIn(root, async (partials) => {
        for (let number = 1; number <= MOST_NUMBERS; number++) {
          const path = numberedFileName(wanted, number);
          if (!(await linkTo({ partials, partial, file }, root, path))) continue;
          await root.sync();
          return { collection: collection.id, path };
        }
        throw new Error(`${MOST_NUMBERS} files called ${JSON.stringify(wanted)} are in the library already`);
      }),
    );
  }

  #useRoot<T>(work: (root: OpenedFolder) => Promise<T>): Promise<T> {
    const folder = this.#folder;
    return folder.useRoot(async (root) => {
      await this.withheld.checkWritable(folder, root);
      return work(root);
    });
  }

  get #folder(): CollectionFolder {
    const folder = this.collections.forDownloads;
    if (folder) return folder;
    throw new NoDownloadFolder('No collection takes downloads: choose one in the settings.');
  }
}

async function usePartialsIn<T>(root: OpenedFolder, work: (folder: OpenedFolder) => Promise<T>): Promise<T> {
  const own = await root.ensureFolder(OWN_FOLDER);
  try {
    const partials = await own.ensureFolder(PARTIALS);
    try {
      return await work(partials);
    } finally {
      await partials.close();
    }
  } finally {
    await own.close();
  }
}

/** A complete file under its partial name, and as it was opened. */
interface Complete {
  readonly partials: OpenedFolder;
  readonly partial: string;
  readonly file: OpenedFile;
}

/**
 * Gives a file a second name that is free; returns false when it is taken. Unlike a rename, a link never replaces a
 * file. The first name stays, so that whoever is killed now finds the same place again.
 */
async function linkTo(complete: Complete, root: OpenedFolder, name: string): Promise<boolean> {
  const { partials, partial, file } = complete;
  try {
    await partials.link(partial, root, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return isFile(root, name, file);
    if (code !== 'EPERM' && code !== 'ENOTSUP') throw error;
    if (!(await reserveAndRename(complete, root, name))) return false;
  }
  if (await isFile(root, name, file)) return true;
  await root.remove(name);
  throw new Error(`${partial} is no longer the file that was verified`);
}

async function isFile(folder: OpenedFolder, name: string, { stats }: OpenedFile): Promise<boolean> {
  const found = await folder.statEntry(name);
  return found.ino === stats.ino && found.dev === stats.dev;
}

/** For file systems without links, such as exFAT: takes the name with an empty file, then renames over it. */
async function reserveAndRename({ partials, partial }: Complete, root: OpenedFolder, name: string): Promise<boolean> {
  try {
    const { handle } = await root.file(name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
    await handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await partials.rename(partial, root, name);
  return true;
}
