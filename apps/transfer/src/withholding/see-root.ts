import { readFile } from 'node:fs/promises';
import { type CollectionFolder, type OpenedFolder, folderIdentity } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import type { SeenRoot } from './judge-root.ts';

/** Identity of an opened folder. */
export async function identityOf(root: OpenedFolder): Promise<SeenRoot> {
  const [stats, mountPoint] = await Promise.all([root.stat(), mountPointOf(root)]);
  return { identity: folderIdentity(stats), mountPoint };
}

/** Identity of a collection's folder as it is now, or why it cannot be opened. */
export async function seeRoot(folder: CollectionFolder): Promise<SeenRoot | string> {
  try {
    return await folder.useRoot(identityOf);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const path = folder.collection.folder;
    return isMissing ? `the folder ${path} is missing` : `the folder ${path} can't be read: ${describeError(error)}`;
  }
}

/** See proc(5): fdinfo names the mount by its id, mountinfo where that is mounted, in the fifth of its fields. */
async function mountPointOf(root: OpenedFolder): Promise<string> {
  const [info, mounts] = await Promise.all([
    readFile(root.path.replace('/fd/', '/fdinfo/'), 'utf8'),
    readFile('/proc/self/mountinfo', 'utf8'),
  ]);
  const id = /^mnt_id:\s*(\d+)$/m.exec(info)?.[1];
  const mount = mounts.split('\n').find((line) => line.startsWith(`${id} `));
  return mount?.split(' ')[4] ?? '/';
}
