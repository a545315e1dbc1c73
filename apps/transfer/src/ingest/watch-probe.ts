import { constants } from 'node:fs';
import type { Collections, OpenedFolder } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import { OWN_FOLDER, type WriteCheck } from '../downloads/place/download-folder.ts';

/** Writes into collections so that the watcher, which never writes, can find out whether changes are reported to it. */
export class WatchProbe {
  constructor(
    private readonly collections: Collections,
    private readonly checkWritable: WriteCheck,
  ) {}

  /** Creates an empty file in this service's own folder of a collection, and removes it; returns why it cannot. */
  async touch(id: string, name: string): Promise<string | null> {
    const folder = this.collections.find(id);
    if (!folder?.collection.writable) return 'this node does not write in the collection';
    try {
      await folder.useRoot(async (root) => {
        await this.checkWritable(folder, root);
        await touchIn(root, name);
      });
      return null;
    } catch (error) {
      return `the collection can't be written to: ${describeError(error)}`;
    }
  }
}

async function touchIn(root: OpenedFolder, name: string): Promise<void> {
  const own = await root.ensureFolder(OWN_FOLDER);
  try {
    const { handle } = await own.file(name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
    await handle.close();
    await own.remove(name);
  } finally {
    await own.close();
  }
}
