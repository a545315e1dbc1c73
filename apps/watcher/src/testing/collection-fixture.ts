import type { Collection } from '@allibrary/contracts';
import { CollectionFolder } from '@allibrary/library';
import { FolderView } from '../seeing/folder-view.ts';

/** A collection in a folder. */
export const collectionIn = (folder: string): Collection => ({
  id: 'birds',
  name: 'Birds',
  folder,
  visibility: 'public',
  writable: true,
  ignore: [],
  takesDownloads: false,
});

/** The view of a folder that lies in one that may be shared. */
export const viewOf = (folder: string, root: string): FolderView =>
  new FolderView(new CollectionFolder(collectionIn(folder), [root]));
