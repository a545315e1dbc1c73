/**
 * Returns the path that a file of a collection has after the collection's folder setting changed, or null when the file
 * lies outside the new folder. Both folders are absolute.
 */
export function pathAfterMove(path: string, from: string, to: string): string | null {
  const absolute = `${withSlash(from)}${path}`;
  const folder = withSlash(to);
  return absolute.startsWith(folder) ? absolute.slice(folder.length) : null;
}

const withSlash = (folder: string): string => `${folder.replace(/\/+$/, '')}/`;
