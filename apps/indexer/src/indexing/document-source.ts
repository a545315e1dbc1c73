import { posix } from 'node:path';
import type { LibraryDocument, Location, Visibility } from '@allibrary/contracts';

/** What a document was indexed from besides its bytes, which never change. */
export interface DocumentSource {
  /** The distinct names of its files; the first is the one that is shown. */
  readonly names: readonly string[];
  readonly locations: readonly Location[];
  /** Those of its locations that name and describe it. */
  readonly describing: readonly Location[];
  /** Name, size and time of the sidecar that described it; null without one. */
  readonly sidecar: string | null;
}

/** The source of a document without what only its files can show. */
export type ExpectedSource = Omit<DocumentSource, 'sidecar'>;

/** Returns the visibility of a collection; undefined when there is no such collection. */
export type VisibilityOf = (collection: string) => Visibility | undefined;

/** Returns the source of a document, given how visible the collections are. */
export function sourceOf(
  document: Pick<LibraryDocument, 'name' | 'isPublic' | 'locations'>,
  visibilityOf: VisibilityOf,
): ExpectedSource {
  const describing = describingLocations(document, visibilityOf);
  const names = [document.name, ...describing.map(({ path }) => posix.basename(path))];
  return { names: [...new Set(names)], locations: document.locations, describing };
}

/** A public document has none in a private collection: peers search names and titles. */
const describingLocations = (
  { isPublic, locations }: Pick<LibraryDocument, 'isPublic' | 'locations'>,
  visibilityOf: VisibilityOf,
): Location[] =>
  locations.filter(({ collection }) => {
    const visibility = visibilityOf(collection);
    return visibility === 'public' || (visibility === 'private' && !isPublic);
  });

/** Locations that are in only one of two lists. */
export function changedLocations(before: readonly Location[], now: readonly Location[]): Location[] {
  const without = (some: readonly Location[], others: readonly Location[]) =>
    some.filter((one) => !others.some((other) => isSame(one, other)));
  return [...without(before, now), ...without(now, before)];
}

const isSame = (one: Location, other: Location): boolean =>
  one.collection === other.collection && one.path === other.path;
