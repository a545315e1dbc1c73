import { type Collection, CollectionsSettings } from '@allibrary/contracts';

/** The collection with which a new node begins: the library folder, open to all, where downloads are saved. */
export function firstCollection(libraryDir: string): Collection {
  const first = { id: 'library', name: 'Library', folder: libraryDir, takesDownloads: true };
  return CollectionsSettings.schema.parse({ collections: [first] }).collections[0] as Collection;
}

/** Whether a folder is one of the roots or lies in one of them; both are absolute. */
export const isInRoots = (folder: string, roots: readonly string[]): boolean =>
  roots.some((root) => folder === root || folder.startsWith(root.endsWith('/') ? root : `${root}/`));
