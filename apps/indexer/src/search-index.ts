import type { DocumentReport, LibraryAnswer, LibraryDocument, RequestOf, SearchLibrary } from '@allibrary/contracts';
import type { Rebuildable } from '@allibrary/platform';
import type { DocumentSource } from './domain/document-source.ts';
import type { KnownDocument } from './domain/next-step.ts';
import type { DividedText } from './domain/sections.ts';

/** A document as it is given to an index. */
export interface IndexableDocument
  extends Pick<LibraryDocument, 'documentId' | 'name' | 'sizeBytes'>,
    Omit<DocumentReport, 'pages'>,
    Whereabouts,
    DividedText {}

/** What may change of a document without a change of what it says. */
export interface Whereabouts extends Pick<LibraryDocument, 'documentId' | 'isPublic'> {
  /** The collections in which it lies. */
  readonly collections: readonly string[];
  /** Its names and sidecar are as before in a {@link SearchIndex.confirm}. */
  readonly source: DocumentSource;
}

/** The answer to a question for which there is nothing. */
export const NOTHING_FOUND: LibraryAnswer = { hits: [], suggestion: null, facets: null };

/** Who asks: the users of this node, or everybody. */
export type SearchScope = 'all' | 'public';

/** What is looked for in this node's index. */
export interface IndexQuestion extends Omit<RequestOf<typeof SearchLibrary>, 'publicOnly'> {
  readonly scope: SearchScope;
}

/** An indexed document, as it is compared with the catalog. */
export interface IndexedRevision {
  readonly documentId: string;
  readonly revision: number;
  readonly problem: string | null;
  /** As in its report. */
  readonly picturePages: number;
}

/**
 * The search index of this node's documents: one of its engines. Facts may come twice and out of order, so each carries
 * the catalog's revision, and of two facts about one document the one with the higher revision wins.
 */
export abstract class SearchIndex implements Rebuildable {
  abstract readonly generation: string;

  abstract discard(): void;

  /** What the index knows of a document; null when it never heard of it. */
  abstract find(documentId: string): Promise<KnownDocument | null>;

  /** Indexes a document, in place of what was indexed of it; false when a fact as late or later is known. */
  abstract upsert(document: IndexableDocument, revision: number): Promise<boolean>;

  /** Notes a later fact that changed nothing but where the document lies, and who may find it. */
  abstract confirm(document: Whereabouts, revision: number): Promise<void>;

  /** Forgets a document, and all facts about it that are older. */
  abstract remove(documentId: string, revision: number): Promise<void>;

  /** The documents that hold all words of the text, or words so like them that they may be meant, best first. */
  abstract search(question: IndexQuestion): Promise<LibraryAnswer>;

  /** What was read of a document; null when it is not indexed. */
  abstract report(documentId: string): Promise<DocumentReport | null>;

  /**
   * Lowers the revision of a document, indexed or removed, so that a fact of its owner is accepted that the index takes
   * for an older one. Does nothing when the document has another revision than `seen` by now.
   */
  abstract rebase(documentId: string, seen: number, revision: number): Promise<void>;

  /** Indexed documents in the order of their ids, after one of them or, after '', from the first. */
  abstract revisions(after: string, limit: number): Promise<IndexedRevision[]>;

  /** How many documents are indexed. */
  abstract count(): Promise<number>;

  /** How many pages of all documents show pictures that OCR was not asked to read. */
  abstract countPicturePages(): Promise<number>;

  /** Null when the index can be used, else what is wrong with it. */
  abstract problem(): Promise<string | null>;

  /** Whether another index answers while this one is being made anew. */
  get isRebuilding(): boolean {
    return false;
  }

  /** Says that all documents are in it: from now on it answers itself. */
  async finishRebuilding(): Promise<void> {}

  /** Ends it, when what was begun is stored or has failed. */
  abstract close(): Promise<void>;
}
