import {
  DocumentId,
  DocumentMetadata,
  FileName,
  MediaType,
  PeerId,
  Place,
  SearchText,
  SizeBytes,
} from '@allibrary/contracts';
import { Get, Query, Res } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { SearchProgress } from '../domain/search-progress.ts';
import { EventStream } from '../events/event-stream.ts';
import { answerSignal } from '../http/answer-signal.ts';
import { Answers, ApiController } from '../http/api-controller.ts';
import { toHttpError } from '../http/error-body.ts';
import { Shutdown } from '../http/shutdown.ts';
import { FederatedSearch, type SearchQuestion } from './federated-search.ts';
import { Pacer } from './pacer.ts';
import { ProgressEvents } from './progress-events.ts';

const ANSWER_LIMIT_MS = 5_000;
const EVENT_INTERVAL_MS = 200;

const SearchQuery = z.object({
  q: SearchText,
  scope: z.enum(['local', 'network', 'all']).default('all'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
type SearchQuery = z.output<typeof SearchQuery>;

const SearchAnswer = z.object({
  results: z.array(
    z.object({
      documentId: DocumentId,
      name: FileName,
      sizeBytes: SizeBytes,
      mediaType: MediaType,
      ...DocumentMetadata.pick({ title: true, creators: true, year: true }).shape,
      local: z.boolean(),
      sources: z.array(z.object({ peerId: PeerId })).readonly(),
      snippet: z.string().nullable(),
      place: Place.nullable(),
    }),
  ),
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
  @Answers('Documents by their words; waits for all peers that were asked, or five seconds.', 200, SearchAnswer)
  async find(
    @Query({ schema: SearchQuery }) query: SearchQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.output<typeof SearchAnswer>> {
    const limit = AbortSignal.any([AbortSignal.timeout(ANSWER_LIMIT_MS), answerSignal(response, this.shutdown)]);
    const progress = await this.search.run(questionOf(query), limit);
    const { coverage, unavailable } = progress;
    return { results: progress.results(query.limit), coverage, unavailable };
  }

  /** Events: `results` {results} and `coverage` {asked, answered, unavailable} as they change, then `done` or `failed`. */
  @Get('stream')
  @ApiProduces('text/event-stream')
  @Answers('The same as server-sent events: results and coverage as they change, then done or failed.', 200)
  async follow(@Query({ schema: SearchQuery }) query: SearchQuery, @Res() response: Response): Promise<void> {
    const stream = new EventStream(response);
    const events = new ProgressEvents(query.limit, (type, data) => stream.send(type, data));
    let latest = new SearchProgress();
    const pacer = new Pacer(EVENT_INTERVAL_MS, () => events.tell(latest));
    try {
      latest = await this.search.run(questionOf(query), answerSignal(response, this.shutdown), (progress) => {
        latest = progress;
        pacer.want();
      });
      pacer.flush();
      stream.end('done', {});
    } catch (error) {
      stream.end('failed', toHttpError(error).body);
    } finally {
      pacer.stop();
    }
  }
}

const questionOf = ({ q, scope, limit }: SearchQuery): SearchQuestion => ({ text: q, scope, limit });
