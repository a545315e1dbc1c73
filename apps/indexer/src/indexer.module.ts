import { join } from 'node:path';
import { DocumentAdded, GetDocument, GetFile, type LibraryDocument, ListDocuments } from '@allibrary/contracts';
import { Collections } from '@allibrary/library';
import { Bus, RequestFailure, Settings, backlogOf, newestSequence } from '@allibrary/messaging';
import { Health, Logger, Metrics } from '@allibrary/platform';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { DescribedDocuments } from './described-documents.ts';
import { DocumentIndexing } from './document-indexing.ts';
import { DocumentTexts } from './document-texts.ts';
import { DocumentConsumer } from './document.consumer.ts';
import { TextExtractor } from './extraction/text-extractor.ts';
import { Fts5Threads } from './fts5/fts5-threads.ts';
import { IndexerMetrics } from './indexer-metrics.ts';
import type { IndexerConfig } from './indexer.config.ts';
import { openMeilisearch } from './meilisearch/open-meilisearch.ts';
import { Reconciliation } from './reconciliation.ts';
import { SearchIndex } from './search-index.ts';
import { SearchResponder } from './search.responder.ts';

/** An extractor that waits for the next document of a burst, but takes no memory for long without work. */
const EXTRACTOR_IDLE_MS = 30_000;

/** Wires the indexer. */
@Module({})
export class IndexerModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(Health) private readonly health: Health,
    @Inject(SearchIndex) private readonly index: SearchIndex,
    @Inject(TextExtractor) private readonly extractor: TextExtractor,
    @Inject(Collections) private readonly collections: Collections,
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
  ) {}

  readonly #stopping = new AbortController();
  #comparing: Promise<void> | undefined;

  /** The module for some settings. */
  static forConfig(this: void, config: IndexerConfig): DynamicModule {
    return {
      module: IndexerModule,
      controllers: [DocumentConsumer, SearchResponder],
      providers: [
        ...indexProviders(config),
        ...extractionProviders(config),
        ...indexingProviders,
        reconciliationProvider,
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.health.addCheck('index', () => this.index.problem());
    this.#comparing = this.reconciliation.repeat(this.#stopping.signal);
  }

  /** Ends what is being read, so that the transport need not wait for it: those documents are delivered again. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.extractor.close();
    await this.#comparing;
  }

  /** Runs when the transport has ended what it had in hand. */
  async onApplicationShutdown(): Promise<void> {
    await this.collections.close();
    await this.index.close();
  }
}

const indexProviders = (config: IndexerConfig): Provider[] => [
  { provide: SearchIndex, useFactory: () => openIndex(config) },
  {
    provide: IndexerMetrics,
    inject: [Metrics, SearchIndex],
    useFactory: (metrics: Metrics, index: SearchIndex) => new IndexerMetrics(metrics, () => index.count()),
  },
];

/** The engine that the settings ask for. */
async function openIndex({ dataDir, ...config }: IndexerConfig): Promise<SearchIndex> {
  const { meilisearchUrl: url, meilisearchMasterKey: masterKey, meilisearchPrefix: prefix } = config;
  if (url !== undefined) return openMeilisearch({ url, masterKey, prefix });
  return Fts5Threads.open(join(dataDir, 'indexer', 'index.db'));
}

const extractionProviders = (config: IndexerConfig): Provider[] => [
  {
    provide: Collections,
    inject: [Bus],
    useFactory: async (bus: Bus) => Collections.open(await Settings.open(bus), config),
  },
  {
    provide: TextExtractor,
    inject: [IndexerMetrics],
    useFactory: (metrics: IndexerMetrics) =>
      new TextExtractor({
        libraryRoots: [config.libraryDir, ...config.libraryRoots],
        children: config.extractionChildren,
        memoryMiB: config.extractionMemoryMiB,
        timeLimitMs: config.extractionTimeLimitMs,
        maxCharacters: config.maxTextCharacters,
        idleMs: EXTRACTOR_IDLE_MS,
        onRead: (mediaType, durationMs) => metrics.fileRead(mediaType, durationMs),
      }),
  },
  {
    provide: DocumentTexts,
    inject: [Collections, TextExtractor, Bus],
    useFactory: (collections: Collections, extractor: TextExtractor, bus: Bus) =>
      new DocumentTexts({
        collections,
        extract: (file) => extractor.extract(file),
        currentLocations: async (documentId) => (await catalogued(bus, documentId))?.locations ?? null,
      }),
  },
];

const indexingProviders: readonly Provider[] = [
  {
    provide: DescribedDocuments,
    inject: [Collections, Bus],
    useFactory: (collections: Collections, bus: Bus) =>
      new DescribedDocuments({
        collections,
        documentAt: async (location) => {
          const { documentId } = await bus.request(GetFile, location);
          return documentId === null ? null : catalogued(bus, documentId);
        },
      }),
  },
  {
    provide: DocumentIndexing,
    inject: [SearchIndex, DocumentTexts, DescribedDocuments, Bus, Logger, IndexerMetrics],
    useFactory: (
      index: SearchIndex,
      texts: DocumentTexts,
      described: DescribedDocuments,
      bus: Bus,
      logger: Logger,
      metrics: IndexerMetrics,
    ) => new DocumentIndexing({ index, texts, described, bus, logger, metrics, now: Date.now }),
  },
];

const reconciliationProvider: Provider = {
  provide: Reconciliation,
  inject: [SearchIndex, DocumentIndexing, Bus, Logger, IndexerMetrics],
  useFactory: (index: SearchIndex, indexing: DocumentIndexing, bus: Bus, logger: Logger, metrics: IndexerMetrics) =>
    new Reconciliation({
      ...{ index, indexing, logger, metrics },
      catalog: {
        list: (cursor) => bus.request(ListDocuments, { limit: 200, ...(cursor === null ? {} : { cursor }) }),
        find: (documentId) => catalogued(bus, documentId),
      },
      isBehind: async () => ((await backlogOf(bus, 'indexer', DocumentAdded)) ?? 0) > 0,
      newestSequence: () => newestSequence(bus, DocumentAdded),
      settleMs: 60_000,
    }),
};

/** What the catalog says of a document; null when it is not in the library. */
async function catalogued(bus: Bus, documentId: string): Promise<LibraryDocument | null> {
  try {
    return await bus.request(GetDocument, { documentId });
  } catch (error) {
    if (error instanceof RequestFailure && error.code === 'not-found') return null;
    throw error;
  }
}
