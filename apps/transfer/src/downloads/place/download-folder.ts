import type { CollectionFolder, Collections, OpenedFolder } from '@allibrary/library';
import { isMissing } from '@allibrary/library';
import { partialName, removePartialFile } from '../../fetching/partial-file.ts';
import type { WithheldCollections } from '../../withholding/withheld-collections.ts';

/** The folder inside a collection that belongs to this service; the watcher passes over hidden names. */
export const OWN_FOLDER = '.allibrary';
const PARTIALS = 'partial';

/** No collection takes downloads. */
export class NoDownloadFolder extends Error {
  override readonly name = 'NoDownloadFolder';
}

/** Checks that an opened folder of a collection may be written to; throws when it may not. */
export type WriteCheck = (folder: CollectionFolder, root: OpenedFolder) => Promise<void>;

/** Folder of the collection that takes downloads. Everything in it is reached through opened folders. */
export class DownloadFolder {
  constructor(
    private readonly collections: Collections,
    private readonly withheld: Pick<
      WithheldCollections,
      'checkWritable' | 'reasonOf' | 'assertWritable' | 'isComplete'
    >,
  ) {}

  /** The collection that takes downloads now; throws {@link NoDownloadFolder}. */
  get current(): CollectionFolder {
    const folder = this.collections.forDownloads;
    if (folder) return folder;
    throw new NoDownloadFolder('No collection takes downloads: choose one in the settings.');
  }

  /** Whether downloads go to this folder now. */
  isCurrent({ collection }: CollectionFolder): boolean {
    const current = this.collections.forDownloads?.collection;
    return current?.id === collection.id && current.folder === collection.folder;
  }

  /** Whether peers may know what is downloaded. */
  get isPublic(): boolean {
    const { collection } = this.collections.forDownloads ?? {};
    return collection?.visibility === 'public' && this.withheld.reasonOf(collection.id) === null;
  }

  /** Why nothing may be written now; null when something may, and before the folders were looked at. */
  get withheldReason(): string | null {
    const { collection } = this.collections.forDownloads ?? {};
    return collection && this.withheld.isComplete ? this.withheld.reasonOf(collection.id) : null;
  }

  /** Throws when a file that is open already may no longer be written to. */
  assertWritable(folder: CollectionFolder): void {
    this.withheld.assertWritable(folder);
  }

  /** Runs work on a collection's opened folder, after the check that it may be written to. */
  useRoot<T>(folder: CollectionFolder, work: (root: OpenedFolder) => Promise<T>): Promise<T> {
    return folder.useRoot(async (root) => {
      await this.withheld.checkWritable(folder, root);
      return work(root);
    });
  }

  /** Runs work on the folder of partial files, which is in the same file system as the collection. */
  usePartials<T>(folder: CollectionFolder, work: (partials: OpenedFolder, root: OpenedFolder) => Promise<T>) {
    return this.useRoot(folder, async (root) => usePartialsIn(root, (partials) => work(partials, root)));
  }

  /** Runs work on the folders of partial files of the other collections, where there are any that can be written to. */
  async useOtherPartials(current: CollectionFolder, work: (partials: OpenedFolder) => Promise<void>): Promise<void> {
    for (const folder of this.collections.all) {
      if (folder.collection.id === current.collection.id || !folder.collection.writable) continue;
      let isOpen = false;
      try {
        await this.useRoot(folder, (root) => {
          isOpen = true;
          return useExistingPartials(root, work);
        });
      } catch (error) {
        if (isOpen) throw error; // else its disk may be away: what lies there waits for it
      }
    }
  }

  /** Deletes what was fetched of a document, also in folders that took downloads before. */
  async removePartial(documentId: string): Promise<void> {
    const { current } = this;
    const remove = (partials: OpenedFolder) => removePartialFile(partials, partialName(documentId));
    await this.useRoot(current, (root) => useExistingPartials(root, remove));
    await this.useOtherPartials(current, remove);
  }
}

async function usePartialsIn<T>(root: OpenedFolder, work: (folder: OpenedFolder) => Promise<T>): Promise<T> {
  const own = await root.ensureFolder(OWN_FOLDER);
  try {
    const partials = await own.ensureFolder(PARTIALS);
    try {
      return await work(partials);
    } finally {
      await partials.close();
    }
  } finally {
    await own.close();
  }
}

async function useExistingPartials(root: OpenedFolder, work: (folder: OpenedFolder) => Promise<void>): Promise<void> {
  const own = await root.folder(OWN_FOLDER).catch(unlessMissing);
  if (!own) return;
  try {
    const partials = await own.folder(PARTIALS).catch(unlessMissing);
    if (!partials) return;
    try {
      await work(partials);
    } finally {
      await partials.close();
    }
  } finally {
    await own.close();
  }
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
