import type { Foundations } from '@allibrary/platform';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Indexer, composeIndexer } from './compose-indexer.ts';
import type { IndexerConfig } from './indexer.config.ts';
import { Covers } from './indexing/covers.ts';
import { DocumentConsumer } from './indexing/document.consumer.ts';
import { DocumentIndexing } from './indexing/document-indexing.ts';
import { IndexerMetrics } from './indexing/indexer-metrics.ts';
import { IndexingProgress } from './indexing/indexing-progress.ts';
import { SearchIndex } from './search/search-index.ts';
import { SearchResponder } from './search/search.responder.ts';

const INDEXER = Symbol('indexer');

/** Starts and stops the composed indexer. */
@Module({})
export class IndexerModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(@Inject(INDEXER) private readonly indexer: Pick<Indexer, 'start' | 'stop' | 'close'>) {}

  /** Composes the indexer and provides its parts to the edges. */
  static async with(this: void, config: IndexerConfig, foundations: Foundations): Promise<DynamicModule> {
    const indexer = await composeIndexer(config, foundations);
    return {
      module: IndexerModule,
      controllers: [DocumentConsumer, SearchResponder],
      providers: [
        { provide: INDEXER, useValue: indexer },
        { provide: SearchIndex, useValue: indexer.index },
        { provide: Covers, useValue: indexer.covers },
        { provide: IndexerMetrics, useValue: indexer.metrics },
        { provide: DocumentIndexing, useValue: indexer.indexing },
        { provide: IndexingProgress, useValue: indexer.progress },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.indexer.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.indexer.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.indexer.close();
  }
}
