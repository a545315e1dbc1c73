import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Collections } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import { OWN_FOLDER } from './download-folder.ts';

/** Writes into collections so that the watcher, which never writes, can find out whether it hears of changes. */
export class WatchProbe {
  constructor(private readonly collections: Collections) {}

  /** Makes an empty file in this service's own folder of a collection, and removes it; answers why it can't. */
  async touch(id: string, name: string): Promise<string | null> {
    const folder = this.collections.find(id);
    if (!folder?.collection.writable) return 'this node does not write in the collection';
    try {
      const own = join(await folder.realRoot(), OWN_FOLDER);
      const file = join(own, name);
      await mkdir(own, { recursive: true });
      await writeFile(file, '');
      await rm(file);
      return null;
    } catch (error) {
      return `the collection can't be written to: ${describeError(error)}`;
    }
  }
}
