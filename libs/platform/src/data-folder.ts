import { access, constants } from 'node:fs/promises';
import { StartRefused } from './config.ts';
import { diskIsFull, isDiskFull } from './free-space.ts';
import { makeFolder } from './make-folder.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there: change its owner or mode',
  EROFS: 'its file system is read-only: mount it writable, or check the disk',
  ENOENT: 'it is not there: mount its disk, or make it again',
  EIO: 'its disk reports errors: check it',
};

/** Makes the data folder where it is missing; throws {@link StartRefused} for one that cannot be used. */
export async function openDataFolder(folder: string): Promise<void> {
  try {
    makeFolder(folder, 0o700);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartRefused(unusable(folder, error), { cause: error });
  }
}

/** Returns why nothing can be stored in the data folder; null when it can. */
export async function dataFolderProblem(folder: string): Promise<string | null> {
  try {
    await access(folder, constants.W_OK);
    return (await isDiskFull(folder)) ? diskIsFull(folder) : null;
  } catch (error) {
    return unusable(folder, error);
  }
}

function unusable(folder: string, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return `the data folder ${folder} cannot be used: ${REMEDIES[code] ?? message}`;
}
