import { join } from 'node:path';
import {
  CatalogOpened,
  DocumentAdded,
  GetDocument,
  GetFile,
  type LibraryDocument,
  ListRevisions,
} from '@allibrary/contracts';
import { Collections } from '@allibrary/library';
import { Bus, RepeatedComparison, RequestFailure, Settings, describeError, ownBacklog } from '@allibrary/messaging';
import { Health, Logger, Metrics, observeComparisons } from '@allibrary/platform';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { Covers } from './covers.ts';
import { DescribedDocuments } from './described-documents.ts';
import { DocumentIndexing } from './document-indexing.ts';
import { DocumentTexts } from './document-texts.ts';
import { DocumentConsumer } from './document.consumer.ts';
import { OCR_IS_OFF } from './domain/text-format.ts';
import type { RecognitionLimits } from './extraction/extraction.ts';
import { TextExtractor } from './extraction/text-extractor.ts';
import { IndexerMetrics } from './indexer-metrics.ts';
import type { IndexerConfig } from './indexer.config.ts';
import { IndexingProgress } from './indexing-progress.ts';
import { openIndex } from './open-index.ts';
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
    @Inject(RepeatedComparison) private readonly comparison: RepeatedComparison,
    @Inject(IndexingProgress) private readonly progress: IndexingProgress,
  ) {}

  readonly #stopping = new AbortController();
  #following: Promise<unknown> | undefined;

  /** The module for some settings. */
  static forConfig(this: void, config: IndexerConfig): DynamicModule {
    return {
      module: IndexerModule,
      controllers: [DocumentConsumer, SearchResponder],
      providers: [
        ...indexProviders(config),
        ...extractionProviders(config),
        ...indexingProviders,
        reconciliationProvider(config),
        comparisonProvider,
        progressProvider,
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.health.addCheck('index', () => this.index.problem());
    const { signal } = this.#stopping;
    this.#following = Promise.all([this.comparison.repeat(signal), this.progress.repeat(signal)]);
  }

  /** Ends what is being read, so that the transport need not wait for it: those documents are delivered again. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.extractor.close();
    await this.collections.close(); // also ends what waits for the settings
    await this.#following;
  }

  /** Runs when the transport has ended what it had in hand. */
  async onApplicationShutdown(): Promise<void> {
    await this.index.close();
  }
}

const indexProviders = (config: IndexerConfig): Provider[] => [
  { provide: SearchIndex, useFactory: () => openIndex(config) },
  { provide: Covers, useValue: new Covers(join(config.dataDir, 'indexer', 'covers')) },
  {
    provide: IndexerMetrics,
    inject: [Metrics, SearchIndex],
    useFactory: (metrics: Metrics, index: SearchIndex) => new IndexerMetrics(metrics, () => index.count()),
  },
];

const extractionProviders = (config: IndexerConfig): Provider[] => [
  {
    provide: Collections,
    inject: [Bus],
    useFactory: (bus: Bus) => Collections.open(new Settings(bus), config),
  },
  {
    provide: TextExtractor,
    inject: [IndexerMetrics],
    useFactory: (metrics: IndexerMetrics) =>
      new TextExtractor({
        children: config.extractionChildren,
        memoryMiB: config.extractionMemoryMiB,
        timeLimitMs: config.extractionTimeLimitMs,
        ocr: recognitionLimits(config),
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
        cover: (file) => extractor.cover(file),
        currentLocations: async (documentId) => (await catalogued(bus, documentId))?.locations ?? null,
      }),
  },
];

const recognitionLimits = (config: IndexerConfig): RecognitionLimits | null =>
  config.ocr
    ? { languages: config.ocrLanguages, dataDir: config.ocrDataDir ?? null, timeLimitMs: config.ocrTimeLimitMs }
    : null;

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
    inject: [SearchIndex, DocumentTexts, Covers, DescribedDocuments, Bus, Logger, IndexerMetrics],
    useFactory: (
      index: SearchIndex,
      texts: DocumentTexts,
      covers: Covers,
      described: DescribedDocuments,
      bus: Bus,
      logger: Logger,
      metrics: IndexerMetrics,
    ) => new DocumentIndexing({ index, texts, covers, described, bus, logger, metrics, now: Date.now }),
  },
];

const progressProvider: Provider = {
  provide: IndexingProgress,
  inject: [SearchIndex, Reconciliation, Bus, Logger, Metrics],
  useFactory: (index: SearchIndex, reconciliation: Reconciliation, bus: Bus, logger: Logger, metrics: Metrics) => {
    const progress = new IndexingProgress({
      ...{ index, logger, now: Date.now },
      countWaiting: () => waitingFor(index, bus),
      isComplete: () => reconciliation.isComplete,
    });
    metrics.gauge({
      name: 'allibrary_indexing_seconds_left',
      help: 'How long it takes until no document waits to be indexed, at the present pace; absent when it gets no less.',
      collect() {
        this.reset();
        if (progress.secondsLeft !== null) this.set(progress.secondsLeft);
      },
    });
    return progress;
  },
};

const waitingFor = (index: SearchIndex, bus: Bus): Promise<number | null> =>
  ownBacklog(bus, 'indexer', index.generation, DocumentAdded);

const reconciliationProvider = ({ ocr }: IndexerConfig): Provider => ({
  provide: Reconciliation,
  inject: [SearchIndex, DocumentIndexing, Bus, Logger, IndexerMetrics],
  useFactory: (index: SearchIndex, indexing: DocumentIndexing, bus: Bus, logger: Logger, metrics: IndexerMetrics) =>
    new Reconciliation({
      ...{ index, indexing, logger, metrics },
      catalog: {
        revisions: (after, limit) => bus.request(ListRevisions, { after, limit }),
        find: (documentId) => catalogued(bus, documentId),
      },
      isReadable: ({ problem, picturePages }) => ocr && (picturePages > 0 || problem?.endsWith(OCR_IS_OFF) === true),
    }),
});

const comparisonProvider: Provider = {
  provide: RepeatedComparison,
  inject: [Reconciliation, SearchIndex, Bus, Logger, Metrics],
  useFactory: (reconciliation: Reconciliation, index: SearchIndex, bus: Bus, logger: Logger, metrics: Metrics) =>
    new RepeatedComparison({
      bus,
      ownerOpened: (signal) => bus.watch(CatalogOpened, signal),
      compare: (signal) => reconciliation.compare(signal),
      countWaiting: () => waitingFor(index, bus),
      onEnd: observeComparisons(metrics),
      onFailure: (error) =>
        logger.warn({ error: describeError(error) }, 'index not compared with the catalog, retrying'),
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
