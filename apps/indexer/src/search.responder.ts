import { CountIndexed, type ReplyOf, type RequestOf, SearchLibrary } from '@allibrary/contracts';
import { OnRequest } from '@allibrary/messaging';
import { Controller, Inject } from '@nestjs/common';
import { IndexerMetrics } from './indexer-metrics.ts';
import { SearchIndex } from './search-index.ts';

/** Answers what the library holds. */
@Controller()
export class SearchResponder {
  constructor(
    @Inject(SearchIndex) private readonly index: SearchIndex,
    @Inject(IndexerMetrics) private readonly metrics: IndexerMetrics,
  ) {}

  @OnRequest(SearchLibrary)
  async search({ text, limit, publicOnly }: RequestOf<typeof SearchLibrary>): Promise<ReplyOf<typeof SearchLibrary>> {
    return { hits: await this.metrics.timeSearch(() => this.index.search(text, limit, publicOnly ? 'public' : 'all')) };
  }

  @OnRequest(CountIndexed)
  async count(): Promise<ReplyOf<typeof CountIndexed>> {
    return { documents: await this.index.count() };
  }
}
