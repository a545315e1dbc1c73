import type { Location } from '@allibrary/contracts';
import { type Collections, OutsideLibrary } from '@allibrary/library';

/** What lies at a place in the library. */
export type Located =
  | { readonly kind: 'file'; readonly path: string }
  /** Nothing, or something else than the document. */
  | { readonly kind: 'gone' }
  /** Something that is not read. */
  | { readonly kind: 'refused'; readonly problem: string };

/** Finds the regular file at a place of the library, if it has the document's size. */
export async function locate(collections: Collections, location: Location, sizeBytes: number): Promise<Located> {
  try {
    const found = await collections.stat(location);
    if (!found) return { kind: 'gone' };
    if (!found.isFile()) return refused('at its location is no regular file');
    return found.size === sizeBytes ? { kind: 'file', path: collections.absolute(location) } : { kind: 'gone' };
  } catch (error) {
    if (error instanceof OutsideLibrary) return refused(error.message);
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return refused(`its file can't be opened (${code})`);
  }
}

const refused = (problem: string): Located => ({ kind: 'refused', problem });
