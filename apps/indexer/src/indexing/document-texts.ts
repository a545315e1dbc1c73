import type { LibraryDocument, Location } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import { openDocument, openSidecar } from './document-file.ts';
import type { Extraction } from '../extraction/extraction.ts';
import type { TextExtractor } from '../extraction/child/text-extractor.ts';
import type { CatalogClient } from './catalog-client.ts';

type Locatable = Pick<LibraryDocument, 'documentId' | 'mediaType' | 'sizeBytes' | 'locations'>;

/** The outcome of reading a document, and the file it was read from. */
export type DocumentText =
  | (Exclude<Extraction, { kind: 'changed' }> & { readonly path: string })
  /** The document is no longer in the library. */
  | { readonly kind: 'removed' };

/** Reads a document's text from the first of its files that can be read. */
export class DocumentTexts {
  constructor(
    private readonly collections: Collections,
    private readonly extractor: Pick<TextExtractor, 'extract' | 'cover'>,
    private readonly catalog: Pick<CatalogClient, 'find'>,
  ) {}

  /** Rejects when no file is at its location and the document is not removed either: one of both changes soon. */
  async read(document: Locatable): Promise<DocumentText> {
    await this.collections.known(); // until then no location can be opened
    const announced = await this.#readFirst(document, document.locations);
    if (announced) return announced;
    const locations = (await this.catalog.find(document.documentId))?.locations;
    if (!locations) return { kind: 'removed' };
    const current = await this.#readFirst(document, locations);
    if (current) return current;
    throw new Error(`No file of ${document.documentId} is where it should be: ${locations.map(nameOf).join(', ')}`);
  }

  /** Returns the cover of a document as a small JPEG, by the media type of its bytes; null when it has none. */
  async cover({ locations, sizeBytes }: Locatable, mediaType: string): Promise<Buffer | null> {
    for (const location of locations) {
      const found = await openDocument(this.collections, location, sizeBytes);
      if (found.kind !== 'file') continue;
      try {
        return await this.extractor.cover({ file: found.file, mediaType });
      } finally {
        await found.file.handle.close();
      }
    }
    return null;
  }

  /** Null when all of the files are gone. */
  async #readFirst(document: Locatable, locations: readonly Location[]): Promise<DocumentText | null> {
    let refused: DocumentText | null = null;
    for (const location of locations) {
      const path = nameOf(location);
      const extraction = await this.#readAt(document, location);
      if (extraction.kind === 'refused')
        refused ??= { kind: 'problem', problem: extraction.problem, problemCode: 'unreadable', path };
      else if (extraction.kind !== 'changed') return { ...extraction, path };
    }
    return refused;
  }

  async #readAt({ mediaType, sizeBytes }: Locatable, location: Location): Promise<Extraction | Refused> {
    const found = await openDocument(this.collections, location, sizeBytes);
    if (found.kind === 'gone') return { kind: 'changed' };
    if (found.kind === 'refused') return found;
    const sidecar = await openSidecar(this.collections, location);
    try {
      return await this.extractor.extract({ file: found.file, mediaType, sidecar });
    } finally {
      await Promise.all([found.file.handle.close(), sidecar?.file.handle.close()]);
    }
  }
}

/** A location, for people. */
const nameOf = ({ collection, path }: Location): string => `${collection}/${path}`;

type Refused = { readonly kind: 'refused'; readonly problem: string };
