import { z } from 'zod';
import { request, requestMany } from './contract.ts';
import { CollectionId, DocumentId, FileName, MediaType, PeerId, SizeBytes, TimestampMs } from './content.ts';
import { DocumentMetadata, LanguageCode, MetadataOrigins } from './metadata.ts';

/** Text of a search: 1 to 512 characters after trimming. */
export const SearchText = z.string().trim().min(1, 'must not be empty').max(512, 'must have at most 512 characters');

/** Filters of a search; empty and null do not filter. */
export const SearchFilters = z.object({
  /** Accepted media types. */
  mediaTypes: z.array(MediaType).max(20).readonly().default([]),
  /** Accepted languages. */
  languages: z.array(LanguageCode).max(20).readonly().default([]),
  /** Earliest year; documents without a year are excluded. */
  yearFrom: z.int().nullable().default(null),
  yearTo: z.int().nullable().default(null),
  minSizeBytes: SizeBytes.nullable().default(null),
  maxSizeBytes: SizeBytes.nullable().default(null),
});
export type SearchFilters = z.output<typeof SearchFilters>;

/** Filters of a search in this node's own index. */
export const LibraryFilters = SearchFilters.extend({
  /** Accepted collections. */
  collections: z.array(CollectionId).max(20).readonly().default([]),
});
export type LibraryFilters = z.output<typeof LibraryFilters>;

/** Order of the hits: best match, title from A to Z, newest year, largest, or most recently added first. */
export const SearchOrder = z.enum(['relevance', 'title', 'year', 'size', 'added']);
export type SearchOrder = z.output<typeof SearchOrder>;

/** A search of one index. */
export const SearchRequest = z.object({
  text: SearchText,
  filters: SearchFilters.prefault({}),
  order: SearchOrder.default('relevance'),
  limit: z.int().min(1).max(100).default(20),
});
export type SearchRequest = z.output<typeof SearchRequest>;

/** A position in a document, as far as its format has pages or chapters. */
export const Place = z.object({
  /** Counted from 1; null where the format has no pages. */
  page: z.int().positive().nullable(),
  /** The title of the chapter; null where the format has none. */
  chapter: z.string().max(200).nullable(),
});
export type Place = z.output<typeof Place>;

/** A matched word in a snippet, as offset and length in UTF-16 code units. */
export const Highlight = z.object({ at: z.int().nonnegative().max(600), length: z.int().positive().max(600) });
export type Highlight = z.output<typeof Highlight>;

/** A document found in one index. The score compares hits of the same index only. */
export const SearchHit = z.object({
  documentId: DocumentId,
  name: FileName,
  sizeBytes: SizeBytes,
  mediaType: MediaType,
  title: DocumentMetadata.shape.title.default(null),
  creators: DocumentMetadata.shape.creators.default([]),
  year: DocumentMetadata.shape.year.default(null),
  language: DocumentMetadata.shape.language.default(null),
  /** Plain text around the matched words; null when only the name matches. */
  snippet: z.string().max(600).nullable(),
  /** Positions of the matched words in the snippet, in order. */
  highlights: z.array(Highlight).max(100).readonly().default([]),
  /** Position of the snippet; null when the document is not divided, or the responder did not give it. */
  place: Place.nullable().default(null),
  /** Number of typos allowed in a word for this hit; 0 when all words match as typed. */
  typos: z.int().min(0).max(2).default(0),
  score: z.number(),
});
export type SearchHit = z.output<typeof SearchHit>;

/** Number of documents that a search finds, with all its pages. */
export const SearchTotal = z.object({
  documents: z.int().nonnegative(),
  /** Whether there may be more: counting ends at a limit. */
  isAtLeast: z.boolean(),
});
export type SearchTotal = z.output<typeof SearchTotal>;

/** The hits of one index, best first. */
export const SearchHits = z.object({
  hits: z.array(SearchHit).max(100),
  /** Null when the responder did not count them. */
  total: SearchTotal.nullable().default(null),
});

/** The language in which a reader expects titles to be sorted, as a BCP 47 tag; `und` is none in particular. */
export const ReaderLanguage = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/, 'must be a language tag such as de or pt-BR')
  .default('und');

/** Number of matching documents with one value. */
export const FacetValue = z.object({ value: z.string(), documents: z.int().positive() });

/** Facets of the newest 20,000 matching documents, most frequent values first. */
export const SearchFacets = z.object({
  mediaTypes: z.array(FacetValue).max(20),
  languages: z.array(FacetValue).max(20),
  /** Each as its first year. */
  decades: z.array(FacetValue).max(20),
  /** Each as its id. */
  collections: z.array(FacetValue).max(20),
});
export type SearchFacets = z.output<typeof SearchFacets>;

/** Result of a search in this node's own index. */
export const LibraryAnswer = SearchHits.extend({
  /** The corrected query, when no document contains the words as typed; otherwise null. */
  suggestion: SearchText.nullable(),
  /** Null when they were not requested. */
  facets: SearchFacets.nullable(),
});
export type LibraryAnswer = z.output<typeof LibraryAnswer>;

/** Searches this node's own index; searches by peers return only public documents. */
export const SearchLibrary = request({
  subject: 'indexer.search',
  request: SearchRequest.extend({
    filters: LibraryFilters.prefault({}),
    /** Number of top hits to skip. */
    offset: z.int().min(0).max(900).default(0),
    /** Order of titles. */
    readerLanguage: ReaderLanguage,
    publicOnly: z.boolean().default(false),
    facets: z.boolean().default(false),
  }),
  reply: LibraryAnswer,
  timeoutMs: 5_000,
});

/** Why a document's text is unknown: `ocr-off` when OCR could read it, `unreadable` when nothing can. */
export const DocumentProblemCode = z.enum(['ocr-off', 'unreadable']);
export type DocumentProblemCode = z.output<typeof DocumentProblemCode>;

/** Report of what was read of a document when it was indexed. */
export const DocumentReport = z.object({
  documentId: DocumentId,
  /** Detected from the bytes, regardless of the name. */
  mediaType: MediaType,
  /** Null where its format has no pages, or its text is unknown. */
  pages: z.int().positive().nullable(),
  words: z.int().nonnegative(),
  /** Picture pages of a PDF, with almost no text. Their words are found only when OCR is on; the number is then 0. */
  picturePages: z.int().nonnegative(),
  /** Why its text is unknown; null when it is known. */
  problem: z.string().max(500).nullable(),
  /** The same problem, for programs. */
  problemCode: DocumentProblemCode.nullable().default(null),
  metadata: DocumentMetadata,
  origins: MetadataOrigins,
  /** Why its sidecar could not be used; null when it was used, or there is none. */
  sidecarProblem: z.string().max(500).nullable(),
  indexedAtMs: TimestampMs,
});
export type DocumentReport = z.output<typeof DocumentReport>;

/** Returns the report of a document of this node; `not-found` when it is not indexed. */
export const GetReport = request({
  subject: 'indexer.report',
  request: z.object({ documentId: DocumentId }),
  reply: DocumentReport,
  timeoutMs: 5_000,
});

/** Returns a small image of a document's cover; `not-found` when it has none, or is not indexed. */
export const GetCover = request({
  subject: 'indexer.cover',
  request: z.object({ documentId: DocumentId }),
  reply: z.object({
    /** A JPEG in base64, at most 320 pixels a side. */
    jpeg: z.base64().max(200_000),
  }),
  timeoutMs: 5_000,
});

/** Returns the number of indexed documents, and how far the index is behind the library. */
export const CountIndexed = request({
  subject: 'indexer.count',
  request: z.object({}),
  reply: z.object({
    documents: z.int().nonnegative(),
    /** The sum of {@link DocumentReport}'s picturePages: pages whose words are not found because OCR has not read them. */
    picturePages: z.int().nonnegative(),
    /** Number of facts about documents waiting to be handled; null when unknown. */
    waiting: z.int().nonnegative().nullable(),
    /** Estimated time for them at the current rate; null when unknown. */
    secondsLeft: z.int().nonnegative().nullable(),
    /** Whether the previous index serves searches while a new one is built. */
    isRebuilding: z.boolean(),
  }),
  timeoutMs: 5_000,
});

/** One step of a search among peers: first the peers that are asked, then each reply as it arrives. */
export const PeerAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('asked'), peerIds: z.array(PeerId).max(1_000) }),
  z.object({ kind: z.literal('answered'), peerId: PeerId, ...SearchHits.shape }),
  z.object({ kind: z.literal('failed'), peerId: PeerId, reason: z.string().max(200) }),
]);
export type PeerAnswer = z.output<typeof PeerAnswer>;

/** Searches the connected peers' indexes. */
export const SearchPeers = requestMany({
  subject: 'p2p.search',
  request: SearchRequest,
  reply: PeerAnswer,
  timeoutMs: 10_000,
});
