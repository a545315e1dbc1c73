import { opendir } from 'node:fs/promises';
import { posix } from 'node:path';
import type { LibraryDocument, Location } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import type { CatalogClient } from './catalog-client.ts';
import { describedBy, possiblyDescribedBy } from './sidecars.ts';

/** A folder of more files is no folder of a book and what describes it. */
const MAX_NAMES = 10_000;

/** The documents beside a sidecar, which say something else when it comes or changes. */
export class DescribedDocuments {
  constructor(
    private readonly collections: Pick<Collections, 'find'>,
    private readonly catalog: Pick<CatalogClient, 'findAt'>,
  ) {}

  /** The documents that this one describes wherever it lies; most describe none. */
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

  /** The names that the file may describe; the folder is looked at only when they depend on it. */
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
      // The folder is gone, and with it what the sidecar described: facts about that are on their way.
    }
    return names;
  }
}
