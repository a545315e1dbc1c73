import { Collection, type Location } from '@allibrary/contracts';
import { CollectionFolder, type Collections, type OpenedFile } from '@allibrary/library';

/** Id of the collection of a test. */
export const TEST_COLLECTION = 'test';

/** A folder as the only collection, without settings. */
export function testCollections(folder: string): Pick<Collections, 'find' | 'openFile'> {
  const collection = Collection.parse({ id: TEST_COLLECTION, name: 'Test', folder });
  const only = new CollectionFolder(collection, [folder]);
  return {
    find: (id) => (id === TEST_COLLECTION ? only : undefined),
    openFile: ({ path }: Location): Promise<OpenedFile> => only.openFile(path),
  };
}
