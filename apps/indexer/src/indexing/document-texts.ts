import type { LibraryDocument, Location } from '@allibrary/contracts';
import type { Collections, OpenedFile } from '@allibrary/library';
import { type Sidecar, openDocument, openSidecar, versionOf } from './document-file.ts';
import { type DocumentSource, type ExpectedSource, sourceOf } from './document-source.ts';
import type { Extraction } from '../extraction/extraction.ts';
import type { TextExtractor } from '../extraction/child/text-extractor.ts';
import type { RecognisedPages } from '../recognition/recognised-pages.ts';
import type { CatalogClient } from './catalog-client.ts';

type Readable = Pick<LibraryDocument, 'documentId' | 'name' | 'mediaType' | 'sizeBytes' | 'locations' | 'isPublic'>;

/** The outcome of reading a document, the file it was read from, and what the reading depends on besides its bytes. */
export type DocumentText =
  | (Exclude<Extraction, { kind: 'changed' }> & { readonly path: string; readonly source: DocumentSource })
  /** The document is no longer in the library. */
  | { readonly kind: 'removed' };

/** Reads a document's text from the first of its files that can be read. */
export class DocumentTexts {
  constructor(
    private readonly collections: Pick<Collections, 'find' | 'openFile' | 'known'>,
    private readonly extractor: Pick<TextExtractor, 'extract' | 'cover'>,
    private readonly catalog: Pick<CatalogClient, 'find'>,
    private readonly recognised: Pick<RecognisedPages, 'open' | 'remove'>,
  ) {}

  /** Rejects when no file is at its location and the document is not removed either: one of both changes soon. */
  async read(document: Readable): Promise<DocumentText> {
    await this.collections.known(); // until then no location can be opened
    const announced = await this.#readFirst(document);
    if (announced) return announced;
    const locations = (await this.catalog.find(document.documentId))?.locations;
    if (!locations) return { kind: 'removed' };
    const current = await this.#readFirst({ ...document, locations: [...locations] });
    if (current) return current;
    throw new Error(`No file of ${document.documentId} is where it should be: ${locations.map(nameOf).join(', ')}`);
  }

  /** Returns what a document is read from, as far as that is known without opening its files. */
  async sourceOf(document: Readable): Promise<ExpectedSource> {
    await this.collections.known();
    return sourceOf(document, (id) => this.collections.find(id)?.collection.visibility);
  }

  /** Returns the version of the sidecar that describes a document now; null without one. */
  async sidecarOf(document: Readable): Promise<string | null> {
    const { describing } = await this.sourceOf(document);
    const sidecar = await openSidecar(this.collections, describing);
    await sidecar?.file.handle.close();
    return sidecar && versionOf(sidecar);
  }

  /** Returns the cover of a document as a small JPEG, by the media type of its bytes; null when it has none. */
  async cover(document: Readable, mediaType: string): Promise<Buffer | null> {
    return this.withFile(document, (file) => this.extractor.cover({ file, mediaType }));
  }

  /** Opens the first of a document's files that can be opened for some work; returns null when none can. */
  async withFile<T>({ locations, sizeBytes }: Readable, work: (file: OpenedFile) => Promise<T>): Promise<T | null> {
    for (const location of locations) {
      const found = await openDocument(this.collections, location, sizeBytes);
      if (found.kind !== 'file') continue;
      try {
        return await work(found.file);
      } finally {
        await found.file.handle.close();
      }
    }
    return null;
  }

  /** Deletes what is kept of a document's text. */
  async forget(documentId: string): Promise<void> {
    await this.recognised.remove(documentId);
  }

  /** Null when all of the files are gone. */
  async #readFirst(document: Readable): Promise<DocumentText | null> {
    const expected = await this.sourceOf(document);
    const sidecar = await openSidecar(this.collections, expected.describing);
    try {
      const source = { ...expected, sidecar: sidecar && versionOf(sidecar) };
      let refused: DocumentText | null = null;
      for (const location of document.locations) {
        const path = nameOf(location);
        const extraction = await this.#readAt(document, location, sidecar);
        if (extraction.kind === 'refused')
          refused ??= { kind: 'problem', problem: extraction.problem, problemCode: 'unreadable', path, source };
        else if (extraction.kind !== 'changed') return { ...extraction, path, source };
      }
      return refused;
    } finally {
      await sidecar?.file.handle.close();
    }
  }

  async #readAt(
    { documentId, mediaType, sizeBytes }: Readable,
    location: Location,
    sidecar: Sidecar | null,
  ): Promise<Extraction | Refused> {
    const found = await openDocument(this.collections, location, sizeBytes);
    if (found.kind === 'gone') return { kind: 'changed' };
    if (found.kind === 'refused') return found;
    const recognised = await this.recognised.open(documentId);
    try {
      return await this.extractor.extract({ file: found.file, mediaType, sidecar, recognised });
    } finally {
      await recognised?.handle.close();
      await found.file.handle.close();
    }
  }
}

/** A location, for people. */
const nameOf = ({ collection, path }: Location): string => `${collection}/${path}`;

type Refused = { readonly kind: 'refused'; readonly problem: string };
