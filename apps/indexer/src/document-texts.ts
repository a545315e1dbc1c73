import type { LibraryDocument, Location } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import { locate } from './document-file.ts';
import type { Extraction } from './extraction/extraction.ts';
import type { TextFile } from './extraction/text-extractor.ts';

type Locatable = Pick<LibraryDocument, 'documentId' | 'mediaType' | 'sizeBytes' | 'locations'>;

/** What became of reading a document, and of which of its files. */
export type DocumentText =
  | (Exclude<Extraction, { kind: 'changed' }> & { readonly path: string })
  /** The document is no longer in the library. */
  | { readonly kind: 'removed' };

/** What reading a document stands on. */
export interface DocumentTextsOptions {
  readonly collections: Collections;
  readonly extract: (file: TextFile) => Promise<Extraction>;
  readonly cover: (file: TextFile) => Promise<Buffer | null>;
  /** Where the document's files are by now; null when it has been removed. */
  readonly currentLocations: (documentId: string) => Promise<readonly Location[] | null>;
}

/** Reads a document's text from the first of its files that can be read. */
export class DocumentTexts {
  readonly #options: DocumentTextsOptions;

  constructor(options: DocumentTextsOptions) {
    this.#options = options;
  }

  /** Rejects when no file is where it should be, but the document was not removed either: later, one of both is true. */
  async read(document: Locatable): Promise<DocumentText> {
    await this.#options.collections.known(); // before that no file is where it should be
    const announced = await this.#readFirst(document, document.locations);
    if (announced) return announced;
    const locations = await this.#options.currentLocations(document.documentId);
    if (!locations) return { kind: 'removed' };
    const current = await this.#readFirst(document, locations);
    if (current) return current;
    throw new Error(`No file of ${document.documentId} is where it should be: ${locations.map(nameOf).join(', ')}`);
  }

  /** A small JPEG of the cover of a document that was read before, by the media type of its bytes; null when there is none. */
  async cover({ locations, sizeBytes }: Locatable, mediaType: string): Promise<Buffer | null> {
    for (const location of locations) {
      const found = await locate(this.#options.collections, location, sizeBytes);
      if (found.kind === 'file') return this.#options.cover({ path: found.path, mediaType, sizeBytes });
    }
    return null;
  }

  /** Null when all of the files are gone. */
  async #readFirst(document: Locatable, locations: readonly Location[]): Promise<DocumentText | null> {
    let refused: DocumentText | null = null;
    for (const location of locations) {
      const path = nameOf(location);
      const extraction = await this.#readAt(document, location);
      if (extraction.kind === 'refused') refused ??= { kind: 'problem', problem: extraction.problem, path };
      else if (extraction.kind !== 'changed') return { ...extraction, path };
    }
    return refused;
  }

  async #readAt({ mediaType, sizeBytes }: Locatable, location: Location): Promise<Extraction | Refused> {
    const found = await locate(this.#options.collections, location, sizeBytes);
    switch (found.kind) {
      case 'file':
        return this.#options.extract({ path: found.path, mediaType, sizeBytes });
      case 'gone':
        return { kind: 'changed' };
      case 'refused':
        return found;
    }
  }
}

/** A location, for people. */
const nameOf = ({ collection, path }: Location): string => `${collection}/${path}`;

type Refused = { readonly kind: 'refused'; readonly problem: string };
