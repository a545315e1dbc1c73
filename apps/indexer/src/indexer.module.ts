import { type Foundations, serviceModule } from '@allibrary/platform';
import type { DynamicModule } from '@nestjs/common';
import { composeIndexer } from './compose-indexer.ts';
import { type IndexerConfig, indexerConfig } from './indexer.config.ts';
import { CoverDrawing } from './indexing/cover-drawing.ts';
import { Covers } from './indexing/covers.ts';
import { DocumentConsumer } from './indexing/document.consumer.ts';
import { DocumentIndexing } from './indexing/document-indexing.ts';
import { IndexerMetrics } from './indexing/indexer-metrics.ts';
import { IndexingProgress } from './indexing/indexing-progress.ts';
import { SearchIndex } from './search/search-index.ts';
import { SearchResponder } from './search/search.responder.ts';

async function indexerModule(config: IndexerConfig, foundations: Foundations): Promise<DynamicModule> {
  const indexer = await composeIndexer(config, foundations);
  return serviceModule(indexer, {
    controllers: [DocumentConsumer, SearchResponder],
    providers: [
      { provide: SearchIndex, useValue: indexer.index },
      { provide: Covers, useValue: indexer.covers },
      { provide: CoverDrawing, useValue: indexer.drawing },
      { provide: IndexerMetrics, useValue: indexer.metrics },
      { provide: DocumentIndexing, useValue: indexer.indexing },
      { provide: IndexingProgress, useValue: indexer.progress },
    ],
  });
}

/** The indexer: reads the library's documents and answers searches in them. */
export const indexerService = { service: 'indexer', config: indexerConfig, module: indexerModule };
