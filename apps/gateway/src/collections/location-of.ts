import { posix } from 'node:path';
import type { Collection, Location } from '@allibrary/contracts';

/** The location that a path means: in the named collection, in the one whose folder it begins with, or in the first. */
export function locationOf(
  { path, collection: id }: { readonly path: string; readonly collection?: string | undefined },
  collections: readonly Pick<Collection, 'id' | 'folder'>[],
): Location | undefined {
  const isAbsolute = path.startsWith('/');
  const collection = collections.find((each) =>
    id !== undefined ? each.id === id : !isAbsolute || path.startsWith(`${posix.resolve(each.folder)}/`),
  );
  if (!collection) return undefined;
  const inside = posix.relative('/', posix.resolve('/', isAbsolute ? posix.relative(collection.folder, path) : path));
  return inside === '' ? undefined : { collection: collection.id, path: inside };
}
