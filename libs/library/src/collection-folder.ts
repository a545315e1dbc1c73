import { type Stats, constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Collection } from '@allibrary/contracts';
import { isInRoots } from './wanted-collections.ts';

/** A path that does not lie in its collection, or a collection that does not lie where this node may share. */
export class OutsideLibrary extends Error {
  override readonly name = 'OutsideLibrary';
}

/** The folder of one collection: no path leads out of it, and no link in it is followed. */
export class CollectionFolder {
  constructor(
    readonly collection: Collection,
    /** The folders in which collections may lie. */
    private readonly roots: readonly string[],
  ) {}

  /**
   * The folder's real path; rejects when it is missing, and with {@link OutsideLibrary} when it is none that the
   * operator allows, however many links lead to it.
   */
  async realRoot(): Promise<string> {
    const root = await realpath(this.collection.folder);
    const roots = await Promise.all(this.roots.map((allowed) => realpath(allowed).catch(() => allowed)));
    if (isInRoots(root, roots)) return root;
    throw new OutsideLibrary(
      `${this.collection.folder} may not be shared: it lies in no folder of ALLIBRARY_LIBRARY and ALLIBRARY_LIBRARY_ROOTS`,
    );
  }

  /** The absolute form of a path in the folder; throws {@link OutsideLibrary} for one that leads out of it. */
  absolute(path: string): string {
    const root = resolve(this.collection.folder);
    const absolute = resolve(root, path);
    if (absolute.startsWith(root + sep)) return absolute;
    throw new OutsideLibrary(`${JSON.stringify(path)} is not in the collection ${this.collection.id}`);
  }

  /** What lies at the path, or undefined when nothing does; no link is followed, in none of its names. */
  async stat(path: string): Promise<Stats | undefined> {
    try {
      const stats = await lstat(this.absolute(path));
      await this.#refuseLinks(path);
      return stats;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Opens a file for reading; no link is followed. */
  async openFile(path: string): Promise<FileHandle> {
    await this.#refuseLinks(path);
    return open(this.absolute(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }

  async #refuseLinks(path: string): Promise<void> {
    const [root, folder] = await Promise.all([this.realRoot(), realpath(dirname(this.absolute(path)))]);
    if (folder !== join(root, dirname(path))) throw new OutsideLibrary(`${JSON.stringify(path)} lies behind a link`);
  }
}

/** Whether the error says that there is nothing at the path. */
export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));
