import type {
  DocumentProblemCode,
  DocumentReport,
  LibraryAnswer,
  LibraryDocument,
  RequestOf,
  SearchLibrary,
} from '@allibrary/contracts';
import type { Rebuildable } from '@allibrary/platform';
import type { DocumentSource } from '../indexing/document-source.ts';
import type { KnownDocument } from '../indexing/next-step.ts';
import type { DividedText } from '../extraction/text/sections.ts';

/** A document to be indexed. */
export interface IndexableDocument
  extends Pick<LibraryDocument, 'documentId' | 'name' | 'sizeBytes'>,
    Omit<DocumentReport, 'pages'>,
    Whereabouts,
    DividedText {}

/** Properties of a document that may change without its content. */
export interface Whereabouts extends Pick<LibraryDocument, 'documentId' | 'isPublic'> {
  /** Ids of the collections that hold it. */
  readonly collections: readonly string[];
  /** {@link SearchIndex.confirm} expects unchanged names and an unchanged sidecar. */
  readonly source: DocumentSource;
}

/** The answer without a result. */
export const NOTHING_FOUND: LibraryAnswer = {
  ...{ hits: [], suggestion: null, facets: null },
  total: { documents: 0, isAtLeast: false },
};

/** Who searches: the users of this node, or peers. */
export type SearchScope = 'all' | 'public';

/** A search of this node's index. */
export interface IndexQuestion extends Omit<RequestOf<typeof SearchLibrary>, 'publicOnly'> {
  readonly scope: SearchScope;
}

/** An indexed document, as it is compared with the catalog. */
export interface IndexedRevision {
  readonly documentId: string;
  readonly revision: number;
  readonly problemCode: DocumentProblemCode | null;
  /** As in its report. */
  readonly picturePages: number;
}

/**
 * Search index of this node's documents, implemented by each engine. Events may come twice and out of order: each carries
 * the catalog's revision, and the higher revision wins.
 */
export abstract class SearchIndex implements Rebuildable {
  abstract readonly generation: string;

  abstract discard(): void;

  /** Returns the state of a document in the index; null when there is none. */
  abstract find(documentId: string): Promise<KnownDocument | null>;

  /** Indexes a document in place of its previous version. Returns false when a revision as high was handled before. */
  abstract upsert(document: IndexableDocument, revision: number): Promise<boolean>;

  /** Stores a later revision that changed only the locations and who may find the document. */
  abstract confirm(document: Whereabouts, revision: number): Promise<void>;

  /** Hides a document from peers before this revision is applied, which may have to wait for its files or the settings. */
  abstract hide(documentId: string, revision: number): Promise<void>;

  /** Removes a document; older revisions of it are ignored from then on. */
  abstract remove(documentId: string, revision: number): Promise<void>;

  /** Returns the documents with all words of the text, or with similar ones, best first. */
  abstract search(question: IndexQuestion): Promise<LibraryAnswer>;

  /** Returns a document's report; null when it is not indexed. */
  abstract report(documentId: string): Promise<DocumentReport | null>;

  /**
   * Lowers the revision of a document, indexed or removed, so that the index accepts an event of the catalog that
   * seems older. Does nothing when the revision is not `seen` any more.
   */
  abstract rebase(documentId: string, seen: number, revision: number): Promise<void>;

  /** Returns a page of indexed documents by id, after the given id. */
  abstract revisions(after: string, limit: number): Promise<IndexedRevision[]>;

  /** Returns the number of indexed documents. */
  abstract count(): Promise<number>;

  /** Returns the number of pages of all documents that show only pictures and that OCR has not read yet. */
  abstract countPicturePages(): Promise<number>;

  /** Returns why the index can't be used; null when it can. */
  abstract problem(): Promise<string | null>;

  /** Whether the previous index serves searches while this one is rebuilt. */
  get isRebuilding(): boolean {
    return false;
  }

  /** Ends a rebuild: this index serves searches from now on. */
  async finishRebuilding(): Promise<void> {}

  /** Closes the index when pending calls have ended. */
  abstract close(): Promise<void>;
}
