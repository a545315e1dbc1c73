import { accessSync, constants, realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { makeFolder } from '@allibrary/platform/files';
import { type Options, UsageError } from './options.ts';

/** The two folders of a node, as absolute paths without symbolic links. */
export interface Folders {
  readonly library: string;
  readonly data: string;
}

/** Makes the two folders where they are missing; throws a {@link UsageError} for what can't be used. */
export function prepareFolders({ library, data }: Pick<Options, 'library' | 'data'>, workingFolder: string): Folders {
  const problems: string[] = [];
  const prepare = (name: string, folder: string): string => {
    try {
      makeFolder(folder);
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      return realpathSync(folder);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      problems.push(`${name} ${folder} ${UNUSABLE[code] ?? `can't be used (${code})`}. Choose another folder.`);
      return folder;
    }
  };
  const folders = {
    library: prepare('--library', resolve(workingFolder, library)),
    data: prepare('--data', resolve(workingFolder, data)),
  };
  if (problems.length > 0) throw new UsageError(problems);
  const isInside = (inner: string, outer: string) => inner === outer || inner.startsWith(outer + sep);
  if (isInside(folders.data, folders.library)) {
    throw new UsageError([
      `--data ${folders.data} lies in --library: its files would be shared. Choose another folder.`,
    ]);
  }
  if (isInside(folders.library, folders.data)) {
    throw new UsageError([`--library ${folders.library} lies in --data, which may be deleted. Choose another folder.`]);
  }
  return folders;
}

const UNUSABLE: Readonly<Record<string, string>> = {
  EEXIST: 'is no folder',
  ENOENT: 'cannot be made there',
  ENOTDIR: 'lies in something that is no folder',
  EACCES: 'must be readable and writable for you: change its owner or mode',
  EROFS: 'is on a read-only file system',
};
