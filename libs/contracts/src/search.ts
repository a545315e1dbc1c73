import { z } from 'zod';
import { request, requestMany } from './contract.ts';
import { DocumentId, FileName, MediaType, PeerId, SizeBytes, TimestampMs } from './content.ts';
import { DocumentMetadata } from './metadata.ts';

/** What the user looks for: at most 512 characters, something in them. */
export const SearchText = z.string().trim().min(1, 'must not be empty').max(512, 'must have at most 512 characters');

/** A search of one index. */
export const SearchRequest = z.object({
  text: SearchText,
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

/** A document found in one index. The score compares hits of the same index only. */
export const SearchHit = z.object({
  documentId: DocumentId,
  name: FileName,
  sizeBytes: SizeBytes,
  mediaType: MediaType,
  title: DocumentMetadata.shape.title.default(null),
  creators: DocumentMetadata.shape.creators.default([]),
  year: DocumentMetadata.shape.year.default(null),
  /** Plain text around the words that were found; null when only the name matches. */
  snippet: z.string().max(600).nullable(),
  /** Where the snippet stands; null when the document is not divided, or the answerer did not say. */
  place: Place.nullable().default(null),
  score: z.number(),
});
export type SearchHit = z.output<typeof SearchHit>;

/** The hits of one index, best first. */
export const SearchHits = z.object({ hits: z.array(SearchHit).max(100) });

/** Searches this node's own index; what peers ask is answered from public documents alone. */
export const SearchLibrary = request({
  subject: 'indexer.search',
  request: SearchRequest.extend({ publicOnly: z.boolean().default(false) }),
  reply: SearchHits,
  timeoutMs: 5_000,
});

/** What was read of a document when it was indexed. */
export const DocumentReport = z.object({
  documentId: DocumentId,
  mediaType: MediaType,
  /** Null where its format has no pages, or its text is unknown. */
  pages: z.int().positive().nullable(),
  words: z.int().nonnegative(),
  /** Why its text is unknown; null when it is known. */
  problem: z.string().max(500).nullable(),
  metadata: DocumentMetadata,
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

/** How many documents this node's index holds. */
export const CountIndexed = request({
  subject: 'indexer.count',
  request: z.object({}),
  reply: z.object({ documents: z.int().nonnegative() }),
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
