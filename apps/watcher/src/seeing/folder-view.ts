import type { Stats } from 'node:fs';
import { opendir, statfs } from 'node:fs/promises';
import {
  type CollectionFolder,
  LinkInPath,
  type OpenedFolder,
  OutsideLibrary,
  folderIdentity,
} from '@allibrary/library';
import type { SkipReason } from './entry-name.ts';
import { type FileSystemType, fileSystemType } from './file-systems.ts';
import { IgnorePatterns } from './ignore-patterns.ts';
import type { FileVersion, Sighting } from './sighting.ts';

/**
 * What is at a path, and why it can't be shared when it is not a file; `unclear` when that can't be found out now, which is
 * no reason to call a file lost.
 */
export type Inspection =
  | { readonly kind: 'clear'; readonly sighting: Sighting; readonly skipped?: SkipReason }
  | { readonly kind: 'folder' }
  | { readonly kind: 'unclear'; readonly skipped: SkipReason };

/** The folder itself: unavailable or present; its identity distinguishes it from another folder of that name. */
export type RootState =
  | { readonly kind: 'unavailable'; readonly evidence: string; readonly remedy: string }
  | {
      readonly kind: 'present';
      readonly identity: string;
      readonly realPath: string;
      readonly fileSystem: FileSystemType;
    };

const nothing = { kind: 'clear', sighting: null } as const;

/** A collection's folder as this service sees it: which files are shared, and read-only. */
export class FolderView {
  readonly patterns: IgnorePatterns;
  #keepsInodes = false;

  constructor(private readonly folder: CollectionFolder) {
    this.patterns = new IgnorePatterns(folder.collection.ignore);
  }

  /** Whether a file has the same inode for as long as it exists; false while the folder is unavailable. */
  get keepsInodes(): boolean {
    return this.#keepsInodes;
  }

  get path(): string {
    return this.folder.collection.folder;
  }

  /** Returns what exists at the path now; no link is followed in any of its components. */
  async inspect(path: string): Promise<Inspection> {
    try {
      return await this.folder.useParent(path, inspectEntry);
    } catch (error) {
      return inspectionOf(error);
    }
  }

  /** Opens a folder of the collection; '' is its root. */
  open(path: string): Promise<OpenedFolder> {
    return this.folder.openFolder(path);
  }

  /** Returns the state of the folder itself. */
  async checkRoot(): Promise<RootState> {
    const state = await this.#rootState();
    this.#keepsInodes = state.kind === 'present' && state.fileSystem.keepsInodes;
    return state;
  }

  async #rootState(): Promise<RootState> {
    try {
      return await this.folder.useRoot(async (root, realPath) => {
        const [stats, { type }] = await Promise.all([root.stat(), statfs(root.path)]);
        await (await opendir(root.path)).close();
        return { kind: 'present', identity: folderIdentity(stats), realPath, fileSystem: fileSystemType(type) };
      });
    } catch (error) {
      return { kind: 'unavailable', ...this.#problemOf(error) };
    }
  }

  #problemOf(error: unknown): { evidence: string; remedy: string } {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof OutsideLibrary)
      return { evidence: message, remedy: 'Name its folder in ALLIBRARY_LIBRARY_ROOTS, or choose another.' };
    if (code === 'ENOENT')
      return { evidence: `the folder ${this.path} is missing`, remedy: 'Mount its disk, or create the folder.' };
    return { evidence: `the folder ${this.path} can't be read: ${message}`, remedy: 'Let this service read it.' };
  }
}

/** Opening is the only sure test of whether a file can be read, and the opened file is the one that is described. */
async function inspectEntry(folder: OpenedFolder, name: string): Promise<Inspection> {
  const stats = await folder.statEntry(name);
  if (stats.isSymbolicLink()) return { ...nothing, skipped: 'symlink' };
  if (stats.isDirectory()) return { kind: 'folder' };
  if (!stats.isFile()) return { ...nothing, skipped: 'special' };
  const file = await folder.file(name);
  await file.handle.close();
  return file.stats.isFile() ? { kind: 'clear', sighting: versionOf(file.stats) } : { ...nothing, skipped: 'special' };
}

/** The version of a file. */
export const versionOf = ({ size, mtimeMs, dev, ino }: Stats): FileVersion => ({
  sizeBytes: size,
  modifiedAtMs: Math.max(0, mtimeMs), // a file may be dated before 1970, a fact may not
  inode: `${dev}:${ino}`,
});

const ABSENT = new Set(['ENOENT', 'ENOTDIR']);
const SKIP_REASONS: Record<string, SkipReason> = { ENAMETOOLONG: 'name-too-long', ELOOP: 'symlink' };

/** Why what is there can't be read, or undefined when there is nothing. */
export function skipReasonOf(error: unknown): SkipReason | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ABSENT.has(code) ? undefined : (SKIP_REASONS[code] ?? 'unreadable');
}

function inspectionOf(error: unknown): Inspection {
  if (error instanceof LinkInPath) return { ...nothing, skipped: 'symlink' };
  const skipped = skipReasonOf(error);
  return skipped ? { kind: 'unclear', skipped } : nothing;
}
