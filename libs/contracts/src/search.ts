import { z } from 'zod';
import { request, requestMany } from './contract.ts';
import { CollectionId, DocumentId, FileName, MediaType, PeerId, SizeBytes, TimestampMs } from './content.ts';
import { DocumentMetadata, LanguageCode, MetadataOrigins } from './metadata.ts';

/** What the user looks for: at most 512 characters, something in them. */
export const SearchText = z.string().trim().min(1, 'must not be empty').max(512, 'must have at most 512 characters');

/** Which of the documents that hold the words are wanted; empty and null leave a question open. */
export const SearchFilters = z.object({
  /** One of these media types. */
  mediaTypes: z.array(MediaType).max(20).readonly().default([]),
  /** In one of these languages. */
  languages: z.array(LanguageCode).max(20).readonly().default([]),
  /** Made in this year or later; a document that says no year is left out. */
  yearFrom: z.int().nullable().default(null),
  yearTo: z.int().nullable().default(null),
  minSizeBytes: SizeBytes.nullable().default(null),
  maxSizeBytes: SizeBytes.nullable().default(null),
});
export type SearchFilters = z.output<typeof SearchFilters>;

/** What narrows a search of this node's own index. */
export const LibraryFilters = SearchFilters.extend({
  /** In one of these collections. */
  collections: z.array(CollectionId).max(20).readonly().default([]),
});
export type LibraryFilters = z.output<typeof LibraryFilters>;

/** What comes first: the best match, titles from A to Z, the newest year, the largest, what was added last. */
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

/** Where something stands in a document, as far as its format divides it. */
export const Place = z.object({
  /** Counted from 1; null where the format has no pages. */
  page: z.int().positive().nullable(),
  /** The title of the chapter; null where the format has none. */
  chapter: z.string().max(200).nullable(),
});
export type Place = z.output<typeof Place>;

/** A part of a snippet, in UTF-16 code units: a word that was looked for. */
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
  /** Plain text around the words that were found; null when only the name matches. */
  snippet: z.string().max(600).nullable(),
  /** Where the words that were found stand in the snippet, one after the other. */
  highlights: z.array(Highlight).max(100).readonly().default([]),
  /** Where the snippet stands; null when the document is not divided, or the answerer did not say. */
  place: Place.nullable().default(null),
  /** How many typos a word may have had for this hit; 0 where all words stand as they were typed. */
  typos: z.int().min(0).max(2).default(0),
  score: z.number(),
});
export type SearchHit = z.output<typeof SearchHit>;

/** The hits of one index, best first. */
export const SearchHits = z.object({ hits: z.array(SearchHit).max(100) });

/** How many of the documents that were found have a value. */
export const FacetValue = z.object({ value: z.string(), documents: z.int().positive() });

/** What divides the documents that were found, the newest 20,000 of them: the most frequent values first. */
export const SearchFacets = z.object({
  mediaTypes: z.array(FacetValue).max(20),
  languages: z.array(FacetValue).max(20),
  /** The first year of each. */
  decades: z.array(FacetValue).max(20),
  /** By their ids. */
  collections: z.array(FacetValue).max(20),
});
export type SearchFacets = z.output<typeof SearchFacets>;

/** What this node's own index says to a search. */
export const LibraryAnswer = SearchHits.extend({
  /** The question as it was probably meant, when nothing holds its words as they were typed. */
  suggestion: SearchText.nullable(),
  /** Null when they were not asked for. */
  facets: SearchFacets.nullable(),
});
export type LibraryAnswer = z.output<typeof LibraryAnswer>;

/** Searches this node's own index; what peers ask is answered from public documents alone. */
export const SearchLibrary = request({
  subject: 'indexer.search',
  request: SearchRequest.extend({
    filters: LibraryFilters.prefault({}),
    /** So many of the hits are left out, the best ones: those of the pages before. */
    offset: z.int().min(0).max(900).default(0),
    publicOnly: z.boolean().default(false),
    facets: z.boolean().default(false),
  }),
  reply: LibraryAnswer,
  timeoutMs: 5_000,
});

/** Why a document's text is unknown: `ocr-off` when OCR could read it, `unreadable` when nothing can. */
export const DocumentProblemCode = z.enum(['ocr-off', 'unreadable']);
export type DocumentProblemCode = z.output<typeof DocumentProblemCode>;

/** What was read of a document when it was indexed. */
export const DocumentReport = z.object({
  documentId: DocumentId,
  /** By its bytes, whatever its name says. */
  mediaType: MediaType,
  /** Null where its format has no pages, or its text is unknown. */
  pages: z.int().positive().nullable(),
  words: z.int().nonnegative(),
  /** Pages of a PDF that show pictures and next to no text. Their words are found only when OCR is on; then it is 0. */
  picturePages: z.int().nonnegative(),
  /** Why its text is unknown; null when it is known. */
  problem: z.string().max(500).nullable(),
  /** The same for programs. */
  problemCode: DocumentProblemCode.nullable().default(null),
  metadata: DocumentMetadata,
  origins: MetadataOrigins,
  /** Why the file beside it that should describe it does not; null when it does, or there is none. */
  sidecarProblem: z.string().max(500).nullable(),
  indexedAtMs: TimestampMs,
});
export type DocumentReport = z.output<typeof DocumentReport>;

/** The report of a document of this node; `not-found` when it is not indexed. */
export const GetReport = request({
  subject: 'indexer.report',
  request: z.object({ documentId: DocumentId }),
  reply: DocumentReport,
  timeoutMs: 5_000,
});

/** A small picture of a document's cover; `not-found` when it has none, or is not indexed. */
export const GetCover = request({
  subject: 'indexer.cover',
  request: z.object({ documentId: DocumentId }),
  reply: z.object({
    /** A JPEG in base64, at most 320 dots a side. */
    jpeg: z.base64().max(200_000),
  }),
  timeoutMs: 5_000,
});

/** How many documents this node's index holds, and how far it is behind the library. */
export const CountIndexed = request({
  subject: 'indexer.count',
  request: z.object({}),
  reply: z.object({
    documents: z.int().nonnegative(),
    /** The sum of {@link DocumentReport}'s picturePages: pages whose words are not found because OCR is off. */
    picturePages: z.int().nonnegative(),
    /** How many facts about documents wait to be handled; null when that is not known. */
    waiting: z.int().nonnegative().nullable(),
    /** How long that takes at the present pace; null when nobody can say. */
    secondsLeft: z.int().nonnegative().nullable(),
    /** Whether an older index answers while the present one is made anew. */
    isRebuilding: z.boolean(),
  }),
  timeoutMs: 5_000,
});

/** One step of a search among peers: first how many are asked, then each peer's answer as it comes. */
export const PeerAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('asked'), peers: z.int().nonnegative() }),
  z.object({ kind: z.literal('answered'), peerId: PeerId, hits: z.array(SearchHit).max(100) }),
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
