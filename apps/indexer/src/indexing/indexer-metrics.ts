import type { Metrics } from '@allibrary/platform';
import type { SearchIndex } from '../search/search-index.ts';
import { TEXT_FORMATS, textFormatOf } from '../extraction/text-format.ts';

/** The format of files that hold no text, or none that can be read. */
const NO_TEXT_FORMAT = 'none';

/** What the indexer counts and times. */
export class IndexerMetrics {
  readonly #indexed;
  readonly #extraction;
  readonly #search;
  readonly #mended;

  constructor(metrics: Metrics, index: Pick<SearchIndex, 'count'>) {
    this.#indexed = metrics.counter({
      name: 'allibrary_indexed_documents_total',
      help: 'Documents that were indexed, with their text or by their name alone.',
      labelNames: ['result'],
    });
    for (const result of ['text', 'name-only']) this.#indexed.inc({ result }, 0);
    metrics.gauge({
      name: 'allibrary_index_documents',
      help: 'Documents that can be searched now.',
      async collect() {
        this.set(await index.count());
      },
    });
    this.#extraction = metrics.histogram({
      name: 'allibrary_extraction_seconds',
      help: 'How long it took to extract the text of one file, by its format.',
      labelNames: ['format'],
      buckets: [0.05, 0.25, 1, 5, 15, 60],
    });
    for (const format of [...TEXT_FORMATS, NO_TEXT_FORMAT]) this.#extraction.zero({ format });
    this.#mended = metrics.counter({
      name: 'allibrary_index_mended_total',
      help: 'Documents by which the index differed from the catalog, until a comparison mended it.',
      labelNames: ['result'],
    });
    for (const result of ['missing', 'changed', 'left-over', 'unread']) this.#mended.inc({ result }, 0);
    this.#search = metrics.histogram({
      name: 'allibrary_search_seconds',
      help: 'How long one search of the index took.',
      buckets: [0.005, 0.02, 0.1, 0.5, 2],
    });
  }

  /** Counts a document that the index lacked, held too long or in an old state, or without a text that can be read by now. */
  mended(result: 'missing' | 'changed' | 'left-over' | 'unread'): void {
    this.#mended.inc({ result });
  }

  documentIndexed(result: 'text' | 'name-only'): void {
    this.#indexed.inc({ result });
  }

  /** Notes how long a file took to read. */
  fileRead(mediaType: string, durationMs: number): void {
    this.#extraction.observe({ format: textFormatOf(mediaType) ?? NO_TEXT_FORMAT }, durationMs / 1_000);
  }

  /** Runs a search and times it. */
  async timeSearch<T>(search: () => Promise<T>): Promise<T> {
    const stop = this.#search.startTimer();
    try {
      return await search();
    } finally {
      stop();
    }
  }
}
