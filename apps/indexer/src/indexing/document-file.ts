import { posix } from 'node:path';
import type { Location } from '@allibrary/contracts';
import { type Collections, type OpenedFile, OutsideLibrary, isMissing } from '@allibrary/library';
import { sidecarsOf } from './sidecars.ts';

/** What exists at a place in the library. */
export type Located =
  | { readonly kind: 'file'; readonly file: OpenedFile }
  /** Nothing, or something other than the document. */
  | { readonly kind: 'gone' }
  /** Something that is not read. */
  | { readonly kind: 'refused'; readonly problem: string };

type Opener = Pick<Collections, 'find' | 'openFile'>;

/** Opens the regular file at a place of the library, if it has the document's size; the caller closes it. */
export async function openDocument(collections: Opener, location: Location, sizeBytes: number): Promise<Located> {
  if (!collections.find(location.collection)) return { kind: 'gone' };
  try {
    const file = await collections.openFile(location);
    if (file.stats.isFile() && file.stats.size === sizeBytes) return { kind: 'file', file };
    await file.handle.close();
    return file.stats.isFile() ? { kind: 'gone' } : NO_FILE;
  } catch (error) {
    if (isMissing(error)) return { kind: 'gone' };
    if (error instanceof OutsideLibrary) return refused(error.message);
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ELOOP') return NO_FILE;
    return refused(`its file can't be opened (${code})`);
  }
}

/** A file beside a document that may describe it; whoever opened it closes it. */
export interface Sidecar {
  readonly name: string;
  readonly file: OpenedFile;
}

/** Opens the first readable file beside one of a document's files that may describe it; null when there is none. */
export async function openSidecar(collections: Opener, locations: readonly Location[]): Promise<Sidecar | null> {
  for (const { collection, path } of locations) {
    const { dir, base } = posix.parse(path);
    for (const name of sidecarsOf(base)) {
      const file = await collections.openFile({ collection, path: posix.join(dir, name) }).catch(() => null);
      if (file?.stats.isFile()) return { name, file };
      await file?.handle.close();
    }
  }
  return null;
}

/** What distinguishes a sidecar from another one, wherever it lies. */
export const versionOf = ({ name, file: { stats } }: Sidecar): string => `${name} ${stats.size} ${stats.mtimeMs}`;

const refused = (problem: string): Located => ({ kind: 'refused', problem });
const NO_FILE = refused('at its location is no regular file');
