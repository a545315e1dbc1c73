import { join } from 'node:path';
import { CatalogOpened, DocumentAdded } from '@allibrary/contracts';
import { Collections } from '@allibrary/library';
import { RepeatedComparison, Settings, describeError, ownBacklog } from '@allibrary/messaging';
import { type Foundations, observeComparisons } from '@allibrary/platform';
import { TextExtractor } from './extraction/child/text-extractor.ts';
import type { RecognitionLimits } from './extraction/extraction.ts';
import { PdfToText } from './extraction/programs/pdf-to-text.ts';
import { findProgram } from './extraction/programs/program.ts';
import type { IndexerConfig } from './indexer.config.ts';
import { CatalogClient } from './indexing/catalog-client.ts';
import { CoverDrawing } from './indexing/cover-drawing.ts';
import { Covers } from './indexing/covers.ts';
import { DescribedDocuments } from './indexing/described-documents.ts';
import { DocumentIndexing } from './indexing/document-indexing.ts';
import { DocumentTexts } from './indexing/document-texts.ts';
import { IndexerMetrics } from './indexing/indexer-metrics.ts';
import { IndexingProgress } from './indexing/indexing-progress.ts';
import { ReadingLog } from './indexing/reading-log.ts';
import { Reconciliation } from './indexing/reconciliation.ts';
import { PageRecogniser, findRecognitionPrograms } from './recognition/page-recogniser.ts';
import { RecognisedPages, type WantedPages, recognisePages } from './recognition/recognised-pages.ts';
import { Recognition } from './recognition/recognition.ts';
import { openIndex } from './search/open-index.ts';
import type { SearchIndex } from './search/search-index.ts';

/** An idle extraction process waits this long for the next document of a burst before it frees its memory. */
const EXTRACTOR_IDLE_MS = 30_000;

const LANGUAGES_LIMIT_MS = 10_000;

/** A composed indexer: what its consumer and its responder call, and its lifetime. */
export interface Indexer {
  readonly index: SearchIndex;
  readonly covers: Covers;
  readonly drawing: CoverDrawing;
  readonly metrics: IndexerMetrics;
  readonly indexing: DocumentIndexing;
  readonly progress: IndexingProgress;
  start(): void;
  /** Cancels running extractions, so that the transport need not wait for them: their events are redelivered. */
  stop(): Promise<void>;
  /** Closes the index, once the transport has finished its messages. */
  close(): Promise<void>;
}

/** Builds the indexer. */
export async function composeIndexer(config: IndexerConfig, foundations: Foundations): Promise<Indexer> {
  const { bus, logger, health } = foundations;
  const index = await openIndex(config);
  health.addCheck('index', () => index.problem());
  const metrics = new IndexerMetrics(foundations.metrics, index);
  const collections = await Collections.open(new Settings(bus), config);
  const catalog = new CatalogClient(bus);
  const recogniser = await openRecogniser(config);
  const extractor = openExtractor(config, metrics, recogniser === null);
  const pages = new RecognisedPages(join(config.dataDir, 'indexer', 'recognised', config.ocrLanguages.join('+')));
  const stopping = new AbortController();
  const recognise = (wanted: WantedPages): Promise<void> =>
    recogniser ? recognisePages(wanted, { recogniser, store: pages, signal: stopping.signal }) : Promise.resolve();
  const texts = new DocumentTexts(collections, extractor, catalog, pages, recogniser && recognise);
  const covers = new Covers(join(config.dataDir, 'indexer', 'covers'));
  const log = new ReadingLog(logger);
  const drawing = new CoverDrawing({
    ...{ index, texts, covers, catalog, log },
    untilTextsAreRead: () => extractor.untilTextsAreRead(),
  });
  const described = new DescribedDocuments(collections, catalog);
  const indexing = new DocumentIndexing({ index, texts, drawing, described, bus, log, metrics }, Date.now);
  // Native OCR finds these documents by itself.
  const readsAgainWithOcr = config.ocr && recogniser === null;
  const reconciliation = new Reconciliation({ index, indexing, catalog, readsAgainWithOcr, logger, metrics });
  const recognition =
    recogniser && new Recognition({ index, indexing, texts, catalog, recogniser, pages, logger }, Date.now);
  recognition?.observe(foundations.metrics);
  const backlog = { count: () => ownBacklog(bus, 'indexer', index.generation, DocumentAdded) };
  const progress = new IndexingProgress({ index, backlog, reconciliation, logger, now: Date.now });
  progress.observe(foundations.metrics);
  const comparison = new RepeatedComparison({
    bus,
    ownerOpened: (signal) => bus.watch(CatalogOpened, signal),
    compare: (signal) => reconciliation.compare(signal),
    countWaiting: () => backlog.count(),
    onEnd: observeComparisons(foundations.metrics),
    onFailure: (error) => logger.warn({ error: describeError(error) }, 'index not compared with the catalog, retrying'),
  });
  const work = new BackgroundWork([comparison, progress, drawing, ...(recognition ? [recognition] : [])]);
  return {
    ...{ index, covers, drawing, metrics, indexing, progress },
    start: () => work.start(),
    stop: async () => {
      work.abort();
      stopping.abort();
      await extractor.close();
      await collections.close(); // rejects what waits for the settings
      await work.ended();
    },
    close: () => index.close(),
  };
}

function openExtractor(config: IndexerConfig, metrics: IndexerMetrics, isOcrForPdfs: boolean): TextExtractor {
  return new TextExtractor({
    children: config.extractionChildren,
    memoryMiB: config.extractionMemoryMiB,
    timeLimitMs: config.extractionTimeLimitMs,
    ocr: recognitionLimits(config, isOcrForPdfs),
    maxCharacters: config.maxTextCharacters,
    idleMs: EXTRACTOR_IDLE_MS,
    pdfToText: openPdfToText(config),
    onRead: (mediaType, durationMs) => metrics.fileRead(mediaType, durationMs),
  });
}

/** Native OCR; null when OCR is off, or a program or the data of a language is missing. */
async function openRecogniser(config: IndexerConfig): Promise<PageRecogniser | null> {
  const programs = findRecognitionPrograms(config.readers);
  if (!config.ocr || !programs) return null;
  const how = {
    languages: config.ocrLanguages,
    dataDir: config.ocrDataDir ?? null,
    memoryMiB: config.extractionMemoryMiB,
    folder: join(config.dataDir, 'indexer', 'reading'),
  };
  const recogniser = new PageRecogniser(programs, how);
  return (await recogniser.hasLanguages(AbortSignal.timeout(LANGUAGES_LIMIT_MS))) ? recogniser : null;
}

/** Poppler's reader of PDFs; null when it is missing. */
function openPdfToText(config: IndexerConfig): PdfToText | null {
  const program = findProgram('pdftotext', config.readers);
  const limits = {
    memoryMiB: Math.ceil(config.extractionMemoryMiB / 2), // one for each core, beside the child
    timeLimitMs: config.extractionTimeLimitMs,
    maxCharacters: config.maxTextCharacters,
  };
  return program && new PdfToText(program, limits, join(config.dataDir, 'indexer', 'reading'));
}

const recognitionLimits = (config: IndexerConfig, isForPdfs: boolean): RecognitionLimits | null =>
  config.ocr
    ? {
        ...{ languages: config.ocrLanguages, dataDir: config.ocrDataDir ?? null, timeLimitMs: config.ocrTimeLimitMs },
        isForPdfs,
      }
    : null;

/** Loops that start together and end together. */
class BackgroundWork {
  readonly #loops: readonly { repeat(signal: AbortSignal): Promise<void> }[];
  readonly #stopping = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor(loops: readonly { repeat(signal: AbortSignal): Promise<void> }[]) {
    this.#loops = loops;
  }

  start(): void {
    this.#running = Promise.all(this.#loops.map((loop) => loop.repeat(this.#stopping.signal)));
  }

  abort(): void {
    this.#stopping.abort();
  }

  async ended(): Promise<void> {
    await this.#running;
  }
}
