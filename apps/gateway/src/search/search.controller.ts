import type { ReplyFrom, RequestTo, SearchQuery } from '@allibrary/api';
import { LibraryFilters } from '@allibrary/contracts';
import { Controller, Res } from '@nestjs/common';
import type { Response } from 'express';
import { SearchProgress } from './search-progress.ts';
import { EventStream } from '../events/event-stream.ts';
import { answerSignal } from '../http/answer-signal.ts';
import { Handles } from '../http/handles.ts';
import { toHttpError } from '../http/http-error.ts';
import { Shutdown } from '../http/shutdown.ts';
import { FederatedSearch } from './federated-search.ts';
import { readerLanguageOf } from './reader-language.ts';
import { answerOf } from './search-answer.ts';
import type { SearchQuestion } from './search-question.ts';
import { Throttle } from './throttle.ts';
import { ProgressEvents } from './progress-events.ts';

const ANSWER_LIMIT_MS = 5_000;
const EVENT_INTERVAL_MS = 200;

/** Finds documents here and among the peers. */
@Controller()
export class SearchController {
  constructor(
    private readonly search: FederatedSearch,
    private readonly shutdown: Shutdown,
  ) {}

  @Handles('GET /search')
  async find(
    { query, headers }: RequestTo<'GET /search'>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReplyFrom<'GET /search'>> {
    const limit = AbortSignal.any([AbortSignal.timeout(ANSWER_LIMIT_MS), answerSignal(response, this.shutdown)]);
    const question = questionOf(query, headers['accept-language']);
    return answerOf(question, await this.search.run(question, limit));
  }

  @Handles('GET /search/stream')
  async follow({ query, headers }: RequestTo<'GET /search/stream'>, @Res() response: Response): Promise<void> {
    const stream = new EventStream(response);
    const question = questionOf(query, headers['accept-language']);
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
