import type { DocumentMetadata, DocumentReport } from '@allibrary/contracts';
import type { Settings } from 'meilisearch';
import type { DocumentSource } from '../indexing/document-source.ts';

/** Raised with every change below or in text extraction: an index of another version is rebuilt. */
const VERSION = 5;
/** Number of documents of a search that can be paged through and are counted. */
export const MAX_TOTAL = 10_000;

/** State of a document and its revision; written after all of its passages. */
export interface DocumentRecord extends Omit<DocumentReport, 'metadata'> {
  readonly collections: readonly string[];
  readonly revision: number;
  /** A removed document stays, so that an older event that comes late does not restore it. */
  readonly isRemoved: boolean;
  /** Null when it was removed. */
  readonly source: DocumentSource | null;
  readonly isPublic: boolean;
  readonly metadata: DocumentMetadata | null;
  /** Number of its passage records. */
  readonly passages: number;
}

/** A passage of a document, with all by which its document is found, filtered and shown. */
export interface PassageRecord {
  readonly id: string;
  readonly documentId: string;
  readonly title: string | null;
  /** The names of its files as they are searched. */
  readonly nameWords: string;
  readonly creators: readonly string[];
  readonly subjects: readonly string[];
  readonly body: string;
  /** The body as our own rules fold it, where Meilisearch's may do it otherwise; null where it holds ASCII alone. */
  readonly folded: string | null;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly language: string | null;
  readonly year: number | null;
  readonly decade: number | null;
  readonly page: number | null;
  readonly chapter: string | null;
  readonly isPublic: boolean;
  readonly collections: readonly string[];
  readonly sortTitle: string;
  readonly indexedAtMs: number;
}

/** An index of Meilisearch as this engine needs it. */
export interface IndexSchema {
  readonly uid: string;
  readonly primaryKey: string;
  readonly settings: Settings;
}

/** Both indexes of this engine, their names under a prefix, so that several nodes may share one Meilisearch. */
export const schemaOf = (prefix: string): Readonly<Record<'documents' | 'passages', IndexSchema>> => ({
  documents: {
    uid: `${prefix}_documents_v${VERSION}`,
    primaryKey: 'documentId',
    settings: {
      searchableAttributes: [],
      filterableAttributes: ['documentId', 'isRemoved', 'picturePages'],
      sortableAttributes: ['documentId'],
    },
  },
  passages: {
    uid: `${prefix}_passages_v${VERSION}`,
    primaryKey: 'id',
    settings: {
      // In the order of their weight, as FTS5's columns.
      searchableAttributes: ['title', 'nameWords', 'creators', 'subjects', 'body', 'folded'],
      displayedAttributes: [
        ...['documentId', 'name', 'sizeBytes', 'mediaType', 'title', 'creators', 'year', 'language'],
        ...['page', 'chapter', 'body'],
      ],
      filterableAttributes: [
        ...['documentId', 'isPublic', 'mediaType', 'language', 'year', 'decade', 'sizeBytes', 'collections'],
      ],
      sortableAttributes: ['sortTitle', 'year', 'sizeBytes', 'indexedAtMs'],
      // What holds the words as they were typed comes first, whatever the order; `words` is the condition of `typo`.
      rankingRules: ['words', 'typo', 'sort', 'proximity', 'attribute', 'exactness'],
      distinctAttribute: 'documentId',
      pagination: { maxTotalHits: MAX_TOTAL },
      typoTolerance: { enabled: true, disableOnNumbers: true, minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 } },
      faceting: { maxValuesPerFacet: 20, sortFacetValuesBy: { '*': 'count' } },
    },
  },
});
