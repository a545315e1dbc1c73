import { opendir } from 'node:fs/promises';
import { posix } from 'node:path';
import type { LibraryDocument, Location } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import type { CatalogClient } from './catalog-client.ts';
import { describedBy, possiblyDescribedBy } from './sidecars.ts';

/** A folder with more files does not belong to one book and its sidecar. */
const MAX_NAMES = 10_000;

/** Finds the documents whose metadata changes with a sidecar beside them. */
export class DescribedDocuments {
  constructor(
    private readonly collections: Pick<Collections, 'find'>,
    private readonly catalog: Pick<CatalogClient, 'findAt'>,
  ) {}

  /** Returns the documents that this one describes at any of its locations; most describe none. */
  async of({ locations }: Pick<LibraryDocument, 'locations'>): Promise<LibraryDocument[]> {
    const documents: LibraryDocument[] = [];
    for (const location of locations) {
      const { dir, base } = posix.parse(location.path);
      for (const name of describedBy(base, await this.#namesBeside(location))) {
        const document = await this.catalog.findAt({ ...location, path: posix.join(dir, name) });
        if (document) documents.push(document);
      }
    }
    return documents;
  }

  /** Returns the names that the file may describe; reads the folder only when they depend on it. */
  async #namesBeside(location: Location): Promise<readonly string[]> {
    const only = possiblyDescribedBy(posix.basename(location.path));
    if (only) return only;
    const { dir } = posix.parse(location.path);
    const names: string[] = [];
    try {
      const folder = await this.collections.find(location.collection)?.openFolder(dir);
      if (!folder) return names;
      try {
        for await (const { name } of await opendir(folder.path)) if (names.push(name) === MAX_NAMES) break;
      } finally {
        await folder.close();
      }
    } catch {
      // The folder is gone with its documents: their events follow.
    }
    return names;
  }
}
