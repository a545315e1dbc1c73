import { type Collection, CollectionsSettings, type SettingsOf } from '@allibrary/contracts';

/** The id of the collection that a node has until its owner chooses others. */
export const FIRST_COLLECTION = 'library';

/** The collections that the owner wants; without a choice the folder of ALLIBRARY_LIBRARY alone, open to all. */
export function wantedCollections(
  { collections }: SettingsOf<typeof CollectionsSettings>,
  libraryDir: string,
): readonly Collection[] {
  if (collections.length > 0) return collections;
  const first = { id: FIRST_COLLECTION, name: 'Library', folder: libraryDir, takesDownloads: true };
  return CollectionsSettings.schema.parse({ collections: [first] }).collections;
}

/** Whether a folder is one of the roots or lies in one of them; both are absolute. */
export const isInRoots = (folder: string, roots: readonly string[]): boolean =>
  roots.some((root) => folder === root || folder.startsWith(root.endsWith('/') ? root : `${root}/`));
