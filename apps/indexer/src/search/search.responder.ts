import {
  CountIndexed,
  type DocumentReport,
  GetCover,
  GetReport,
  type ReplyOf,
  type RequestOf,
  SearchLibrary,
} from '@allibrary/contracts';
import { OnRequest, RequestFailure } from '@allibrary/messaging';
import { Controller, Inject } from '@nestjs/common';
import { Covers } from '../indexing/covers.ts';
import { IndexerMetrics } from '../indexing/indexer-metrics.ts';
import { IndexingProgress } from '../indexing/indexing-progress.ts';
import { type IndexQuestion, SearchIndex } from './search-index.ts';

/** Serves searches, reports, covers and counts of the index. */
@Controller()
export class SearchResponder {
  constructor(
    @Inject(SearchIndex) private readonly index: SearchIndex,
    @Inject(IndexerMetrics) private readonly metrics: IndexerMetrics,
    @Inject(Covers) private readonly covers: Covers,
    @Inject(IndexingProgress) private readonly progress: IndexingProgress,
  ) {}

  @OnRequest(SearchLibrary)
  async search({ publicOnly, ...request }: RequestOf<typeof SearchLibrary>): Promise<ReplyOf<typeof SearchLibrary>> {
    const question: IndexQuestion = { ...request, scope: publicOnly ? 'public' : 'all' };
    return this.metrics.timeSearch(() => this.index.search(question));
  }

  @OnRequest(GetReport)
  async report({ documentId }: RequestOf<typeof GetReport>): Promise<DocumentReport> {
    const report = await this.index.report(documentId);
    if (!report)
      throw new RequestFailure(
        'not-found',
        `The document ${documentId} is not in the index: it is not in this library, or waits to be indexed.`,
      );
    return report;
  }

  @OnRequest(GetCover)
  async cover({ documentId }: RequestOf<typeof GetCover>): Promise<ReplyOf<typeof GetCover>> {
    const jpeg = await this.covers.find(documentId);
    if (!jpeg) throw new RequestFailure('not-found', 'the document has no cover that could be drawn');
    return { jpeg: jpeg.toString('base64') };
  }

  @OnRequest(CountIndexed)
  async count(): Promise<ReplyOf<typeof CountIndexed>> {
    const { waiting, secondsLeft } = this.progress;
    const [documents, picturePages] = await Promise.all([this.index.count(), this.index.countPicturePages()]);
    return { documents, picturePages, waiting, secondsLeft, isRebuilding: this.index.isRebuilding };
  }
}
