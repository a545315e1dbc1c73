import { lstat, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** What lies at a place in the library. */
export type Located =
  | { readonly kind: 'file'; readonly path: string }
  /** Nothing, or something else than the document. */
  | { readonly kind: 'gone' }
  /** Something that is not read. */
  | { readonly kind: 'refused'; readonly problem: string };

const GONE = new Set(['ENOENT', 'ENOTDIR']);

/** The folder that holds the documents; nothing outside of it is read, and no symbolic link in it is followed. */
export class LibraryFolder {
  private constructor(readonly root: string) {}

  /** Opens the folder; rejects with what to do when it is none. */
  static async open(folder: string): Promise<LibraryFolder> {
    const root = await realpath(folder).catch((cause: unknown) => {
      throw new Error(`The library ${folder} can't be read: create it, or set ALLIBRARY_LIBRARY.`, { cause });
    });
    if ((await stat(root)).isDirectory()) return new LibraryFolder(root);
    throw new Error(`The library ${folder} is not a folder: set ALLIBRARY_LIBRARY to one.`);
  }

  /** Finds the regular file at a place of the library, if it has the given size. */
  async locate(location: string, sizeBytes: number): Promise<Located> {
    const path = join(this.root, location);
    if (!path.startsWith(this.root + sep)) return refused('its location leads out of the library');
    try {
      const found = await lstat(path);
      if (!found.isFile()) return refused('at its location is no regular file');
      if ((await realpath(path)) !== path) return refused('its location leads through a symbolic link');
      return found.size === sizeBytes ? { kind: 'file', path } : { kind: 'gone' };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      return GONE.has(code) ? { kind: 'gone' } : refused(`its file can't be opened (${code})`);
    }
  }
}

const refused = (problem: string): Located => ({ kind: 'refused', problem });
