import type { LibraryDocument, Location } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import { openDocument, openSidecar } from './document-file.ts';
import type { Extraction } from '../extraction/extraction.ts';
import type { TextFile } from '../extraction/child/text-extractor.ts';

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
  readonly cover: (file: Omit<TextFile, 'sidecar'>) => Promise<Buffer | null>;
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
      const found = await openDocument(this.#options.collections, location, sizeBytes);
      if (found.kind !== 'file') continue;
      try {
        return await this.#options.cover({ file: found.file, mediaType });
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
      if (extraction.kind === 'refused') refused ??= { kind: 'problem', problem: extraction.problem, path };
      else if (extraction.kind !== 'changed') return { ...extraction, path };
    }
    return refused;
  }

  async #readAt({ mediaType, sizeBytes }: Locatable, location: Location): Promise<Extraction | Refused> {
    const { collections, extract } = this.#options;
    const found = await openDocument(collections, location, sizeBytes);
    if (found.kind === 'gone') return { kind: 'changed' };
    if (found.kind === 'refused') return found;
    const sidecar = await openSidecar(collections, location);
    try {
      return await extract({ file: found.file, mediaType, sidecar });
    } finally {
      await Promise.all([found.file.handle.close(), sidecar?.file.handle.close()]);
    }
  }
}

/** A location, for people. */
const nameOf = ({ collection, path }: Location): string => `${collection}/${path}`;

type Refused = { readonly kind: 'refused'; readonly problem: string };
