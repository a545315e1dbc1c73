import { type Stats, constants } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { posix, resolve, sep } from 'node:path';
import type { Collection } from '@allibrary/contracts';
import { type OpenedFile, OpenedFolder, OutsideLibrary, isMissing } from './opened-folder.ts';
import { isInRoots } from './wanted-collections.ts';

/** Folder of one collection. Paths are opened component by component: none leads out of it, and no link is followed. */
export class CollectionFolder {
  constructor(
    readonly collection: Collection,
    /** Folders in which collections may lie. */
    private readonly roots: readonly string[],
  ) {}

  /**
   * Runs work on the collection's opened folder. The folder itself may be reached through links; throws
   * {@link OutsideLibrary} when the opened folder lies outside the folders that the operator allows.
   */
  async useRoot<T>(work: (root: OpenedFolder, realPath: string) => Promise<T>): Promise<T> {
    const { root, realPath } = await this.#openRoot();
    try {
      return await work(root, realPath);
    } finally {
      await root.close();
    }
  }

  /** Real path of the folder; rejects like {@link useRoot}. */
  realRoot(): Promise<string> {
    return this.useRoot((_root, realPath) => Promise.resolve(realPath));
  }

  /** Absolute form of a path, for people; throws {@link OutsideLibrary} for a path that leads out of the folder. */
  absolute(path: string): string {
    const root = resolve(this.collection.folder);
    const absolute = resolve(root, path);
    if (absolute.startsWith(root + sep)) return absolute;
    throw new OutsideLibrary(`${JSON.stringify(path)} is not in the collection ${this.collection.id}`);
  }

  /** Opens a folder of the collection; '' is its root. Throws {@link LinkInPath} for a link. The caller closes it. */
  async openFolder(path: string): Promise<OpenedFolder> {
    const components = this.#componentsOf(path);
    let { root: folder } = await this.#openRoot();
    for (const name of components) {
      const outer = folder;
      try {
        folder = await outer.folder(name);
      } finally {
        await outer.close();
      }
    }
    return folder;
  }

  /** Runs work on the opened folder that holds the path's last component. */
  async useParent<T>(path: string, work: (folder: OpenedFolder, name: string) => Promise<T>): Promise<T> {
    const components = this.#componentsOf(path);
    const name = components.pop();
    if (name === undefined) throw new OutsideLibrary(`the collection ${this.collection.id} itself is not a file`);
    const folder = await this.openFolder(components.join('/'));
    try {
      return await work(folder, name);
    } finally {
      await folder.close();
    }
  }

  /** State of what exists at the path, or undefined when nothing does; a link is reported as a link. */
  async stat(path: string): Promise<Stats | undefined> {
    try {
      return await this.useParent(path, (folder, name) => folder.statEntry(name));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Opens a file, for reading unless the flags differ. Compare its state with what is expected before using it. */
  async openFile(path: string, flags: number = constants.O_RDONLY): Promise<OpenedFile> {
    return this.useParent(path, (folder, name) => folder.file(name, flags));
  }

  async #openRoot(): Promise<{ readonly root: OpenedFolder; readonly realPath: string }> {
    const root = await OpenedFolder.open(this.collection.folder);
    try {
      const [realPath, ...roots] = await Promise.all([
        root.realPath(),
        ...this.roots.map((allowed) => realpath(allowed).catch(() => allowed)),
      ]);
      if (!isInRoots(realPath, roots)) {
        throw new OutsideLibrary(
          `${this.collection.folder} may not be shared: it lies in no folder of ALLIBRARY_LIBRARY and ALLIBRARY_LIBRARY_ROOTS`,
        );
      }
      return { root, realPath };
    } catch (error) {
      await root.close();
      throw error;
    }
  }

  #componentsOf(path: string): string[] {
    if (path === '') return [];
    const components = posix.normalize(path).split('/');
    if (components.some((name) => name === '..' || name === '.' || name === '') || path.includes('\0'))
      throw new OutsideLibrary(`${JSON.stringify(path)} is not in the collection ${this.collection.id}`);
    return components;
  }
}
