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
import type { FileVersion, Sighting } from './sighting.ts';

/**
 * What a look at a path found, and why it can't be shared when something else than a file lies there; `unclear` when
 * it can't be told now, which is no reason to call a file lost.
 */
export type Look =
  | { readonly kind: 'clear'; readonly sighting: Sighting; readonly skipped?: SkipReason }
  | { readonly kind: 'folder' }
  | { readonly kind: 'unclear'; readonly skipped: SkipReason };

/** The folder itself: out of reach, or there; its identity tells it from another one of its name. */
export type RootState =
  | { readonly kind: 'unavailable'; readonly evidence: string; readonly remedy: string }
  | {
      readonly kind: 'present';
      readonly identity: string;
      readonly realPath: string;
      readonly fileSystem: FileSystemType;
    };

const nothing = { kind: 'clear', sighting: null } as const;

/** A collection's folder, as this service sees it, which only reads. */
export class FolderView {
  constructor(private readonly folder: CollectionFolder) {}

  get path(): string {
    return this.folder.collection.folder;
  }

  /** What exists at the path now; no link is followed in any of its components. */
  async look(path: string): Promise<Look> {
    try {
      return await this.folder.useParent(path, lookAtEntry);
    } catch (error) {
      return lookOfError(error);
    }
  }

  /** Opens a folder of the collection; '' is its root. */
  open(path: string): Promise<OpenedFolder> {
    return this.folder.openFolder(path);
  }

  /** How the folder itself is. */
  async root(): Promise<RootState> {
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
async function lookAtEntry(folder: OpenedFolder, name: string): Promise<Look> {
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

function lookOfError(error: unknown): Look {
  if (error instanceof LinkInPath) return { ...nothing, skipped: 'symlink' };
  const skipped = skipReasonOf(error);
  return skipped ? { kind: 'unclear', skipped } : nothing;
}
