import { type Stats, constants } from 'node:fs';
import { type FileHandle, link, lstat, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { numberedFileName } from '@allibrary/core';

/** The folder inside the library that belongs to this service; the watcher passes over hidden names. */
const OWN_FOLDER = '.allibrary';
const MOST_NUMBERS = 1_000;

/** A path that does not lie in the library. */
export class OutsideLibrary extends Error {
  override readonly name = 'OutsideLibrary';
}

/** The shared folder: the only way in which this service touches files. */
export class LibraryFolder {
  private constructor(readonly root: string) {}

  /** Opens the folder; throws when it is missing. */
  static async open(root: string): Promise<LibraryFolder> {
    return new LibraryFolder(await realpath(root));
  }

  /** The absolute form of a path in the library; throws {@link OutsideLibrary} for one that leads out of it. */
  absolute(path: string): string {
    const absolute = resolve(this.root, path);
    if (!absolute.startsWith(this.root + sep))
      throw new OutsideLibrary(`${JSON.stringify(path)} is not in the library`);
    return absolute;
  }

  /** What lies at the path, or undefined when nothing does; no link is followed, in none of its names. */
  async stat(path: string): Promise<Stats | undefined> {
    try {
      const absolute = this.absolute(path);
      const stats = await lstat(absolute);
      if ((await realpath(dirname(absolute))) !== dirname(absolute))
        throw new OutsideLibrary(`${JSON.stringify(path)} lies behind a link`);
      return stats;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Opens a file for reading; a link in its last name is not followed. */
  openFile(path: string): Promise<FileHandle> {
    return open(this.absolute(path), constants.O_RDONLY | constants.O_NOFOLLOW);
  }

  /** The file that a download is written to until it is complete, in the same file system as its place. */
  partialFile(documentId: string): string {
    return join(this.root, OWN_FOLDER, 'partial', `${documentId}.part`);
  }

  /** Gives a complete file its place under the name, or a numbered one: never over another file. Answers its path. */
  async place(file: string, name: string): Promise<string> {
    for (let number = 1; number <= MOST_NUMBERS; number++) {
      const target = join(this.root, numberedFileName(name, number));
      if (!(await moveWithoutReplacing(file, target))) continue;
      await syncFolder(this.root);
      return relative(this.root, target);
    }
    throw new Error(`${MOST_NUMBERS} files called ${JSON.stringify(name)} are in the library already`);
  }
}

/** Moves a file to a name that is free; answers false when it is taken. Unlike a rename, a link never replaces a file. */
async function moveWithoutReplacing(file: string, target: string): Promise<boolean> {
  try {
    await link(file, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'EPERM' || code === 'ENOTSUP') return reserveAndRename(file, target);
    throw error;
  }
  await rm(file);
  return true;
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

/** Whether the error says that there is nothing at the path. */
export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));
