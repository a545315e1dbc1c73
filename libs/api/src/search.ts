import {
  CollectionId,
  DocumentId,
  DocumentMetadata,
  FileName,
  Highlight,
  LanguageCode,
  MediaType,
  PeerId,
  Place,
  SearchFacets,
  SearchOrder,
  SearchText,
  SearchTotal,
  SizeBytes,
  TimestampMs,
} from '@allibrary/contracts';
import { z } from 'zod';
import { defineRoutes } from './route.ts';

/** Maximum number of results that can be skipped. */
export const MAX_OFFSET = 900;

/** Comma-separated list in a query parameter. */
const listOf = (element: z.ZodType<string, string>) =>
  z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((each) => each.trim()) ?? [])
    .pipe(z.array(element).max(20));

/** Query parameters of a search. */
export const SearchQuery = z
  .object({
    q: SearchText,
    scope: z.enum(['local', 'network', 'all']).default('all'),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    offset: z.coerce
      .number()
      .int()
      .min(0)
      .max(MAX_OFFSET)
      .default(0)
      .meta({ description: 'Number of top results to skip; `nextOffset` of the reply leads to the next page.' }),
    sort: SearchOrder.default('relevance'),
    type: listOf(MediaType.regex(/^[^/]+\/[^/]+$/, 'must be a media type such as application/pdf')).meta({
      description: 'Comma-separated media types.',
    }),
    language: listOf(LanguageCode).meta({ description: 'Comma-separated ISO 639 codes.' }),
    collection: listOf(CollectionId).meta({
      description: "Comma-separated ids of this node's collections; peers are then not asked.",
    }),
    yearFrom: z.coerce.number().int().optional(),
    yearTo: z.coerce.number().int().optional(),
    minSizeBytes: z.coerce.number().int().nonnegative().optional(),
    maxSizeBytes: z.coerce.number().int().nonnegative().optional(),
    facets: z
      .stringbool()
      .default(false)
      .meta({ description: "Whether to count this node's results by type, language, decade and collection." }),
    refresh: z
      .stringbool()
      .default(false)
      .meta({ description: 'Whether to ask the peers again, even if they replied to the same question a moment ago.' }),
    readerLanguage: z.string().max(100).optional().meta({
      description: 'The language in whose order titles are sorted; by default that of the header Accept-Language.',
    }),
  })
  .refine(({ scope, collection }) => collection.length === 0 || scope !== 'network', {
    path: ['collection'],
    message: 'needs another scope: peers have collections of their own',
  });
export type SearchQuery = z.output<typeof SearchQuery>;

/** A document that a search found. */
export const SearchResult = z.object({
  documentId: DocumentId,
  name: FileName,
  sizeBytes: SizeBytes,
  mediaType: MediaType,
  ...DocumentMetadata.pick({ title: true, creators: true, year: true, language: true }).shape,
  local: z.boolean(),
  /** The peers that have it; `seenAtMs` is the time of an earlier search, or null when it was found during this one. */
  sources: z.array(z.object({ peerId: PeerId, seenAtMs: TimestampMs.nullable() })).readonly(),
  snippet: z.string().nullable(),
  /** Matches within the snippet, in UTF-16 code units. */
  highlights: z.array(Highlight).readonly(),
  /** The snippet's page and chapter. */
  place: Place.nullable(),
});
export type SearchResult = z.output<typeof SearchResult>;

/** The reply to a search. */
export const SearchReply = z.object({
  results: z.array(SearchResult),
  /** Number of documents found on all pages. */
  total: SearchTotal,
  /** The offset of the next page; null on the last one. */
  nextOffset: z.int().positive().nullable(),
  /** The corrected query, when no document of this node contains its words as typed; otherwise null. */
  suggestion: z.string().nullable(),
  /** Number of this node's documents by type, language, decade and collection; null unless requested. */
  facets: SearchFacets.nullable(),
  coverage: z.object({
    asked: z.int(),
    answered: z.int(),
    /** Peers without a reply: `silent` until the time limit, or `failed`. */
    missing: z.array(z.object({ peerId: PeerId, reason: z.enum(['silent', 'failed']) })).readonly(),
    /** Time of the previous replies, if the peers were not asked again; otherwise null. */
    cachedAtMs: TimestampMs.nullable(),
  }),
  unavailable: z.array(z.enum(['local', 'network'])),
});
export type SearchReply = z.output<typeof SearchReply>;

const headers = z.object({ 'accept-language': z.string().max(1_000).optional().catch(undefined) });

/** Search for documents of this node and its peers. */
export const searchRoutes = defineRoutes({
  'GET /search': {
    summary: 'Search documents. Waits for the queried peers, five seconds at most.',
    role: 'reader',
    query: SearchQuery,
    headers,
    reply: SearchReply,
  },
  /** Events: `coverage` {asked, answered, missing, cachedAtMs, unavailable} and `results` with the rest of the reply as they change, then `done` or `failed`. */
  'GET /search/stream': {
    summary: 'The same as server-sent events: results and coverage as they change, then done or failed.',
    role: 'reader',
    query: SearchQuery,
    headers,
    media: 'text/event-stream',
  },
});
