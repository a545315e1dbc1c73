import { type Stats, constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readlink, rename, rm } from 'node:fs/promises';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
/** Linux's flag for a descriptor that only names a place: open(2). Node has no constant for it. */
const O_PATH = 0o10_000_000;

/** A path that lies outside its collection, or a collection that lies outside the folders this node may share. */
export class OutsideLibrary extends Error {
  override readonly name: string = 'OutsideLibrary';
}

/** A component of a path is a link. */
export class LinkInPath extends OutsideLibrary {
  override readonly name = 'LinkInPath';
}

/** An opened file and its state right after it was opened. */
export interface OpenedFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Path of an opened file or folder for system calls that accept only names; it always reaches the opened object. */
export const pathOfDescriptor = (fd: number): string => `/proc/self/fd/${fd}`;

/** Whether the error means that nothing exists at the path. */
export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));

/**
 * An opened folder. Entries are reached through its descriptor: renaming a parent folder, or replacing it by a link,
 * cannot redirect them.
 */
export class OpenedFolder {
  private constructor(private readonly handle: FileHandle) {}

  /** Opens a folder by name and follows links: only for names that the operator chose. */
  static async open(path: string): Promise<OpenedFolder> {
    return new OpenedFolder(await open(path, O_PATH | O_DIRECTORY));
  }

  /** Path of the folder itself, for system calls that accept only names. */
  get path(): string {
    return pathOfDescriptor(this.handle.fd);
  }

  /** Absolute path of the folder that was really opened. */
  realPath(): Promise<string> {
    return readlink(this.path);
  }

  stat(): Promise<Stats> {
    return this.handle.stat();
  }

  /** State of an entry; a link is reported as a link. */
  statEntry(name: string): Promise<Stats> {
    return lstat(this.entry(name));
  }

  /** Opens a folder in this one; throws {@link LinkInPath} for a link. */
  async folder(name: string): Promise<OpenedFolder> {
    try {
      return new OpenedFolder(await open(this.entry(name), O_PATH | O_DIRECTORY | O_NOFOLLOW));
    } catch (error) {
      throw await this.#explained(error, name);
    }
  }

  /** Opens a folder in this one, which is created when it is missing. */
  async ensureFolder(name: string): Promise<OpenedFolder> {
    await mkdir(this.entry(name)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    return this.folder(name);
  }

  /** Opens a file in this folder; a link gives ELOOP. FIFOs do not block. */
  async file(name: string, flags: number = O_RDONLY, mode?: number): Promise<OpenedFile> {
    const handle = await open(this.entry(name), flags | O_NOFOLLOW | O_NONBLOCK, mode);
    try {
      return { handle, stats: await handle.stat() };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Gives a file of this folder a second name in another folder. */
  link(name: string, folder: OpenedFolder, newName: string): Promise<void> {
    return link(this.entry(name), folder.entry(newName));
  }

  /** Moves a file of this folder into another one, over whatever has the new name. */
  rename(name: string, folder: OpenedFolder, newName: string): Promise<void> {
    return rename(this.entry(name), folder.entry(newName));
  }

  /** Removes a file of this folder, if it exists. */
  remove(name: string): Promise<void> {
    return rm(this.entry(name), { force: true });
  }

  /** Makes new names in this folder survive a power cut. */
  async sync(): Promise<void> {
    const readable = await open(this.path, O_RDONLY | O_DIRECTORY);
    try {
      await readable.sync();
    } finally {
      await readable.close();
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** Path of an entry for system calls that accept only names and do not follow links in their last component. */
  entry(name: string): string {
    if (name === '' || name === '.' || name === '..' || name.includes('/'))
      throw new OutsideLibrary(`${JSON.stringify(name)} is not a name in a folder`);
    return `${this.path}/${name}`;
  }

  /** With O_DIRECTORY, the system reports a link as ENOTDIR, like a file. */
  async #explained(error: unknown, name: string): Promise<unknown> {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') return error;
    const isLink = await this.statEntry(name).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    return isLink ? new LinkInPath(`${JSON.stringify(name)} is a link`, { cause: error }) : error;
  }
}

/**
 * Tells a folder from another one of its name. A disk may get another device number when it is mounted again, so where the
 * file system keeps the time at which the folder was created, that and the inode identify it.
 */
export const folderIdentity = ({ dev, ino, birthtimeMs }: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>): string =>
  birthtimeMs > 0 ? `${ino}@${birthtimeMs}` : `${dev}:${ino}`;
