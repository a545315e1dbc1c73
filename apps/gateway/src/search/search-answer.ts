import {
  DocumentId,
  DocumentMetadata,
  FileName,
  Highlight,
  MediaType,
  PeerId,
  Place,
  SearchFacets,
  SearchTotal,
  SizeBytes,
  TimestampMs,
} from '@allibrary/contracts';
import { z } from 'zod';
import type { SearchProgress } from './search-progress.ts';
import { MAX_OFFSET, type SearchQuestion, pageOf } from './search-question.ts';

/** The answer to a search. */
export const SearchAnswer = z.object({
  results: z.array(
    z.object({
      documentId: DocumentId,
      name: FileName,
      sizeBytes: SizeBytes,
      mediaType: MediaType,
      ...DocumentMetadata.pick({ title: true, creators: true, year: true, language: true }).shape,
      local: z.boolean(),
      /** The peers that have it; `seenAtMs` is when, unless it was during this search. */
      sources: z.array(z.object({ peerId: PeerId, seenAtMs: TimestampMs.nullable() })).readonly(),
      snippet: z.string().nullable(),
      /** Matches within the snippet, in UTF-16 code units. */
      highlights: z.array(Highlight).readonly(),
      place: Place.nullable(),
    }),
  ),
  /** Number of documents found, with all pages. */
  total: SearchTotal,
  /** The offset of the next page; null on the last one. */
  nextOffset: z.int().positive().nullable(),
  /** A probable correction of the query, when no document here holds its words as typed. */
  suggestion: z.string().nullable(),
  /** Number of this node's documents by type, language and decade; null unless requested. */
  facets: SearchFacets.nullable(),
  coverage: z.object({
    asked: z.int(),
    answered: z.int(),
    /** Peers without an answer: `silent` for too long, or `failed`. */
    missing: z.array(z.object({ peerId: PeerId, reason: z.enum(['silent', 'failed']) })).readonly(),
    /** When the peers gave these answers, if they were not asked again; otherwise null. */
    cachedAtMs: TimestampMs.nullable(),
  }),
  unavailable: z.array(z.enum(['local', 'network'])),
});
export type SearchAnswer = z.output<typeof SearchAnswer>;

/** The answer to a question as far as the search has come. */
export function answerOf(question: SearchQuestion, progress: SearchProgress): SearchAnswer {
  const { coverage, unavailable, remarks, total } = progress;
  const page = pageOf(question);
  const [last] = progress.results({ ...page, skip: page.skip + page.limit, limit: 1 });
  const end = question.offset + question.limit;
  const own = progress.ownTotal;
  const hasMore = last !== undefined || own.isAtLeast || own.documents > end;
  return {
    results: progress.results(page),
    total,
    nextOffset: hasMore && end <= MAX_OFFSET ? end : null,
    ...remarks,
    coverage,
    unavailable,
  };
}
