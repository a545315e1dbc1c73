import {
  CollectionId,
  DocumentId,
  DocumentMetadata,
  FileName,
  Highlight,
  LanguageCode,
  LibraryFilters,
  MediaType,
  PeerId,
  Place,
  SearchFacets,
  SearchOrder,
  SearchText,
  SizeBytes,
} from '@allibrary/contracts';
import { Get, Query, Res } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { SearchProgress } from './search-progress.ts';
import { EventStream } from '../events/event-stream.ts';
import { answerSignal } from '../http/answer-signal.ts';
import { Answers, ApiController } from '../http/api-controller.ts';
import { toHttpError } from '../http/error-body.ts';
import { Shutdown } from '../http/shutdown.ts';
import { FederatedSearch, type SearchQuestion } from './federated-search.ts';
import { Throttle } from './throttle.ts';
import { ProgressEvents } from './progress-events.ts';

const ANSWER_LIMIT_MS = 5_000;
const EVENT_INTERVAL_MS = 200;

/** A list in the query of a URL. */
const listOf = (element: z.ZodType<string, string>) =>
  z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((each) => each.trim()) ?? [])
    .pipe(z.array(element).max(20));

const SearchQuery = z
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
      .describe('Number of top results to skip. With scope=local only.'),
    sort: SearchOrder.default('relevance'),
    type: listOf(MediaType.regex(/^[^/]+\/[^/]+$/, 'must be a media type such as application/pdf')).describe(
      'Media types with commas between them.',
    ),
    language: listOf(LanguageCode).describe('ISO 639 codes with commas between them.'),
    collection: listOf(CollectionId).describe(
      "Ids of this node's collections with commas between them; peers are not asked then.",
    ),
    yearFrom: z.coerce.number().int().optional(),
    yearTo: z.coerce.number().int().optional(),
    minSizeBytes: z.coerce.number().int().nonnegative().optional(),
    maxSizeBytes: z.coerce.number().int().nonnegative().optional(),
    facets: z
      .stringbool()
      .default(false)
      .describe("Whether to count this node's results by type, language and decade."),
  })
  .refine(({ scope, offset }) => offset === 0 || scope === 'local', {
    path: ['offset'],
    message: 'needs scope=local: what peers answer has no pages',
  })
  .refine(({ scope, collection }) => collection.length === 0 || scope !== 'network', {
    path: ['collection'],
    message: 'needs another scope: peers have collections of their own',
  });
type SearchQuery = z.output<typeof SearchQuery>;

const SearchAnswer = z.object({
  results: z.array(
    z.object({
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
      place: Place.nullable(),
    }),
  ),
  /** A probable correction of the query, when no document here holds its words as typed. */
  suggestion: z.string().nullable(),
  /** Number of this node's documents by type, language and decade; null unless requested. */
  facets: SearchFacets.nullable(),
  coverage: z.object({ asked: z.int(), answered: z.int() }),
  unavailable: z.array(z.enum(['local', 'network'])),
});

/** Finds documents here and among the peers. */
@ApiController('search')
export class SearchController {
  constructor(
    private readonly search: FederatedSearch,
    private readonly shutdown: Shutdown,
  ) {}

  @Get()
  @Answers('Search documents. Waits for all peers that were asked, five seconds at most.', 200, SearchAnswer)
  async find(
    @Query({ schema: SearchQuery }) query: SearchQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.output<typeof SearchAnswer>> {
    const limit = AbortSignal.any([AbortSignal.timeout(ANSWER_LIMIT_MS), answerSignal(response, this.shutdown)]);
    const progress = await this.search.run(questionOf(query), limit);
    const { coverage, unavailable, remarks } = progress;
    return { results: progress.results(query.limit, query.sort), ...remarks, coverage, unavailable };
  }

  /** Events: `results` {results, suggestion, facets} and `coverage` {asked, answered, unavailable} as they change, then `done` or `failed`. */
  @Get('stream')
  @ApiProduces('text/event-stream')
  @Answers('The same as server-sent events: results and coverage as they change, then done or failed.', 200)
  async follow(@Query({ schema: SearchQuery }) query: SearchQuery, @Res() response: Response): Promise<void> {
    const stream = new EventStream(response);
    const question = questionOf(query);
    const events = new ProgressEvents(question, (type, data) => stream.send(type, data));
    let latest = new SearchProgress();
    const throttle = new Throttle(EVENT_INTERVAL_MS, () => events.update(latest));
    try {
      latest = await this.search.run(question, answerSignal(response, this.shutdown), (progress) => {
        latest = progress;
        throttle.request();
      });
      throttle.flush();
      stream.end('done', {});
    } catch (error) {
      stream.end('failed', toHttpError(error).body);
    } finally {
      throttle.cancel();
    }
  }
}

const questionOf = ({
  q,
  scope,
  limit,
  offset,
  sort,
  facets,
  type,
  language,
  collection,
  ...limits
}: SearchQuery): SearchQuestion => ({
  text: q,
  ...{ scope, limit, offset, facets, order: sort },
  filters: LibraryFilters.parse({ mediaTypes: type, languages: language, collections: collection, ...limits }),
});
