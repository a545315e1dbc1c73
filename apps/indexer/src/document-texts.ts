import type { LibraryDocument, Location } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import { type Sidecar, openDocument, openSidecar, versionOf } from './document-file.ts';
import { type DocumentSource, type ExpectedSource, sourceOf } from './domain/document-source.ts';
import type { Extraction } from './extraction/extraction.ts';
import type { TextFile } from './extraction/text-extractor.ts';

type Readable = Pick<LibraryDocument, 'documentId' | 'name' | 'mediaType' | 'sizeBytes' | 'locations' | 'isPublic'>;

/** What became of reading a document, of which of its files, and what the reading rests on besides their bytes. */
export type DocumentText =
  | (Exclude<Extraction, { kind: 'changed' }> & { readonly path: string; readonly source: DocumentSource })
  /** The document is no longer in the library. */
  | { readonly kind: 'removed' };

/** What reading a document stands on. */
export interface DocumentTextsOptions {
  readonly collections: Pick<Collections, 'find' | 'openFile' | 'known'>;
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
  async read(document: Readable): Promise<DocumentText> {
    await this.#options.collections.known(); // before that no file is where it should be
    const announced = await this.#readFirst(document);
    if (announced) return announced;
    const locations = await this.#options.currentLocations(document.documentId);
    if (!locations) return { kind: 'removed' };
    const current = await this.#readFirst({ ...document, locations: [...locations] });
    if (current) return current;
    throw new Error(`No file of ${document.documentId} is where it should be: ${locations.map(nameOf).join(', ')}`);
  }

  /** Returns what a document is read from, as far as that shows without looking at its files. */
  async sourceOf(document: Readable): Promise<ExpectedSource> {
    await this.#options.collections.known();
    return sourceOf(document, (id) => this.#options.collections.find(id)?.collection.visibility);
  }

  /** Returns the version of the sidecar that describes a document now; null without one. */
  async sidecarOf(document: Readable): Promise<string | null> {
    const { describing } = await this.sourceOf(document);
    const sidecar = await openSidecar(this.#options.collections, describing);
    await sidecar?.file.handle.close();
    return sidecar && versionOf(sidecar);
  }

  /** A small JPEG of the cover of a document that was read before, by the media type of its bytes; null when there is none. */
  async cover({ locations, sizeBytes }: Readable, mediaType: string): Promise<Buffer | null> {
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
  async #readFirst(document: Readable): Promise<DocumentText | null> {
    const expected = await this.sourceOf(document);
    const sidecar = await openSidecar(this.#options.collections, expected.describing);
    try {
      const source = { ...expected, sidecar: sidecar && versionOf(sidecar) };
      let refused: DocumentText | null = null;
      for (const location of document.locations) {
        const path = nameOf(location);
        const extraction = await this.#readAt(document, location, sidecar);
        if (extraction.kind === 'refused') refused ??= { kind: 'problem', problem: extraction.problem, path, source };
        else if (extraction.kind !== 'changed') return { ...extraction, path, source };
      }
      return refused;
    } finally {
      await sidecar?.file.handle.close();
    }
  }

  async #readAt(
    { mediaType, sizeBytes }: Readable,
    location: Location,
    sidecar: Sidecar | null,
  ): Promise<Extraction | Refused> {
    const found = await openDocument(this.#options.collections, location, sizeBytes);
    if (found.kind === 'gone') return { kind: 'changed' };
    if (found.kind === 'refused') return found;
    try {
      return await this.#options.extract({ file: found.file, mediaType, sidecar });
    } finally {
      await found.file.handle.close();
    }
  }
}

/** A location, for people. */
const nameOf = ({ collection, path }: Location): string => `${collection}/${path}`;

type Refused = { readonly kind: 'refused'; readonly problem: string };
