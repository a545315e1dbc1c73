import { CollectionId, LanguageCode, LibraryFilters, MediaType, SearchOrder, SearchText } from '@allibrary/contracts';
import { Get, Headers, Query, Res } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { SearchProgress } from './search-progress.ts';
import { EventStream } from '../events/event-stream.ts';
import { answerSignal } from '../http/answer-signal.ts';
import { Answers, ApiController } from '../http/api-controller.ts';
import { toHttpError } from '../http/error-body.ts';
import { Shutdown } from '../http/shutdown.ts';
import { FederatedSearch } from './federated-search.ts';
import { readerLanguageOf } from './reader-language.ts';
import { SearchAnswer, answerOf } from './search-answer.ts';
import { MAX_OFFSET, type SearchQuestion } from './search-question.ts';
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
      .max(MAX_OFFSET)
      .default(0)
      .describe('Number of top results to skip; `nextOffset` of the answer leads to the next page.'),
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
    refresh: z
      .stringbool()
      .default(false)
      .describe('Whether to ask the peers again although they have just answered the same question.'),
    readerLanguage: z
      .string()
      .max(100)
      .optional()
      .describe("The language in whose order titles are sorted; by default the request's Accept-Language."),
  })
  .refine(({ scope, collection }) => collection.length === 0 || scope !== 'network', {
    path: ['collection'],
    message: 'needs another scope: peers have collections of their own',
  });
type SearchQuery = z.output<typeof SearchQuery>;

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
    @Headers('accept-language') accepted: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SearchAnswer> {
    const limit = AbortSignal.any([AbortSignal.timeout(ANSWER_LIMIT_MS), answerSignal(response, this.shutdown)]);
    const question = questionOf(query, accepted);
    return answerOf(question, await this.search.run(question, limit));
  }

  /** Events: `coverage` {asked, answered, missing, cachedAtMs, unavailable} and `results` with the rest of the answer as they change, then `done` or `failed`. */
  @Get('stream')
  @ApiProduces('text/event-stream')
  @Answers('The same as server-sent events: results and coverage as they change, then done or failed.', 200)
  async follow(
    @Query({ schema: SearchQuery }) query: SearchQuery,
    @Headers('accept-language') accepted: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const stream = new EventStream(response);
    const question = questionOf(query, accepted);
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

function questionOf(query: SearchQuery, accepted: string | undefined): SearchQuestion {
  const { q, scope, limit, offset, sort, facets, refresh, type, language, collection, readerLanguage, ...limits } =
    query;
  return {
    text: q,
    ...{ scope, limit, offset, facets, order: sort, isRefresh: refresh },
    readerLanguage: readerLanguageOf(readerLanguage ?? accepted),
    filters: LibraryFilters.parse({ mediaTypes: type, languages: language, collections: collection, ...limits }),
  };
}
