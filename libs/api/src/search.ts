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
  SizeBytes,
} from '@allibrary/contracts';
import { z } from 'zod';
import { defineRoutes } from './route.ts';

/** A list in the query of a URL. */
const listOf = (element: z.ZodType<string, string>) =>
  z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((each) => each.trim()) ?? [])
    .pipe(z.array(element).max(20));

/** A search, as the query of a URL. */
export const SearchQuery = z
  .object({
    q: SearchText,
    scope: z.enum(['local', 'network', 'all']).default('all'),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    offset: z.coerce
      .number()
      .int()
      .min(0)
      .max(900)
      .default(0)
      .meta({ description: 'Number of top results to skip. With scope=local only.' }),
    sort: SearchOrder.default('relevance'),
    type: listOf(MediaType.regex(/^[^/]+\/[^/]+$/, 'must be a media type such as application/pdf')).meta({
      description: 'Media types with commas between them.',
    }),
    language: listOf(LanguageCode).meta({ description: 'ISO 639 codes with commas between them.' }),
    collection: listOf(CollectionId).meta({
      description: "Ids of this node's collections with commas between them; peers are not asked then.",
    }),
    yearFrom: z.coerce.number().int().optional(),
    yearTo: z.coerce.number().int().optional(),
    minSizeBytes: z.coerce.number().int().nonnegative().optional(),
    maxSizeBytes: z.coerce.number().int().nonnegative().optional(),
    facets: z
      .stringbool()
      .default(false)
      .meta({ description: "Whether to count this node's results by type, language and decade." }),
  })
  .refine(({ scope, offset }) => offset === 0 || scope === 'local', {
    path: ['offset'],
    message: "needs scope=local: peers' results have no pages",
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
  sources: z.array(z.object({ peerId: PeerId })).readonly(),
  snippet: z.string().nullable(),
  /** Matches within the snippet, in UTF-16 code units. */
  highlights: z.array(Highlight).readonly(),
  /** The snippet's page and chapter. */
  place: Place.nullable(),
});
export type SearchResult = z.output<typeof SearchResult>;

const SearchReply = z.object({
  results: z.array(SearchResult),
  /** A probable correction of the query, when no document here holds its words as typed. */
  suggestion: z.string().nullable(),
  /** Number of this node's documents by type, language and decade; null unless requested. */
  facets: SearchFacets.nullable(),
  coverage: z.object({ asked: z.int(), answered: z.int() }),
  unavailable: z.array(z.enum(['local', 'network'])),
});

/** Finds documents here and among the peers. */
export const searchRoutes = defineRoutes({
  'GET /search': {
    summary: 'Search documents. Waits for all peers that were asked, five seconds at most.',
    role: 'reader',
    query: SearchQuery,
    reply: SearchReply,
  },
  /** Events: `results` {results, suggestion, facets} and `coverage` {asked, answered, unavailable} as they change, then `done` or `failed`. */
  'GET /search/stream': {
    summary: 'The same as server-sent events: results and coverage as they change, then done or failed.',
    role: 'reader',
    query: SearchQuery,
    media: 'text/event-stream',
  },
});
