import { setTimeout as delay } from 'node:timers/promises';
import type { LibraryDocument } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger, Metrics } from '@allibrary/platform';
import { textFormatOf } from '../extraction/text-format.ts';
import type { CatalogClient } from '../indexing/catalog-client.ts';
import type { DocumentIndexing } from '../indexing/document-indexing.ts';
import type { DocumentTexts } from '../indexing/document-texts.ts';
import { EtaEstimator } from '../indexing/eta-estimator.ts';
import type { IndexedRevision, SearchIndex } from '../search/search-index.ts';
import type { PageRecogniser } from './page-recogniser.ts';
import { type RecognisedPages, recognisePages } from './recognised-pages.ts';

const SEARCH_EVERY_MS = 10_000;
const INDEX_PAGE = 1_000;

/** What recognition depends on. */
export interface RecognitionParts {
  readonly index: Pick<SearchIndex, 'revisions' | 'find' | 'report' | 'rebase' | 'countPicturePages'>;
  readonly indexing: Pick<DocumentIndexing, 'readAgain'>;
  readonly texts: Pick<DocumentTexts, 'read' | 'withFile'>;
  readonly catalog: Pick<CatalogClient, 'find'>;
  readonly recogniser: Pick<PageRecogniser, 'textOf'>;
  readonly pages: Pick<RecognisedPages, 'add'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Recognises the pages of indexed documents that show only pictures, one document after the other and at the lowest priority. */
export class Recognition {
  readonly #parts: RecognitionParts;
  readonly #now: () => number;
  readonly #eta = new EtaEstimator();
  /** Documents that were recognised, by revision: what is left of them can't be read. */
  readonly #done = new Map<string, number>();

  constructor(parts: RecognitionParts, now: () => number) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Seconds until no page is left, at the present rate; null while unknown. */
  get secondsLeft(): number | null {
    return this.#eta.secondsLeft;
  }

  /** Number of pages left; null while unknown. */
  get pagesLeft(): number | null {
    return this.#eta.waiting;
  }

  /** Exposes progress as metrics. */
  observe(metrics: Metrics): void {
    const gauge = (name: string, help: string, value: () => number | null): void => {
      metrics.gauge({
        ...{ name, help },
        collect() {
          this.reset();
          const present = value();
          if (present !== null) this.set(present);
        },
      });
    };
    gauge('allibrary_ocr_pages_left', 'Pages of pictures that OCR has not read yet.', () => this.pagesLeft);
    gauge(
      'allibrary_ocr_seconds_left',
      'Seconds until OCR has read them, at the present rate.',
      () => this.secondsLeft,
    );
  }

  /** Recognises documents until the signal aborts. */
  async repeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#recogniseAll(signal);
      } catch (error) {
        if (!signal.aborted) this.#parts.logger.warn({ error: describeError(error) }, 'OCR incomplete, retrying');
      }
      await delay(SEARCH_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Tries each document once; rejects with the last failure, which must not keep the documents after it from their turn. */
  async #recogniseAll(signal: AbortSignal): Promise<void> {
    let failure: Error | undefined;
    for await (const found of this.#documents()) {
      if (signal.aborted) return;
      try {
        await this.#recognise(found, signal);
      } catch (error) {
        failure = new Error(`${found.documentId}: ${describeError(error)}`, { cause: error });
      }
    }
    if (failure) throw failure;
  }

  async *#documents(): AsyncGenerator<IndexedRevision> {
    for (let after = ''; ; ) {
      const found = await this.#parts.index.revisions(after, INDEX_PAGE);
      for (const each of found) if (this.#isWanted(each)) yield each;
      if (found.length < INDEX_PAGE) return;
      after = found.at(-1)?.documentId ?? after;
    }
  }

  #isWanted({ documentId, revision, problemCode, picturePages }: IndexedRevision): boolean {
    return (problemCode === 'ocr-off' || picturePages > 0) && this.#done.get(documentId) !== revision;
  }

  async #recognise({ documentId, revision }: IndexedRevision, signal: AbortSignal): Promise<void> {
    const { index, indexing, catalog } = this.#parts;
    const document = await catalog.find(documentId);
    if (document === null) return; // its event follows
    const { mediaType = '' } = (await index.report(documentId)) ?? {};
    if (textFormatOf(mediaType) === 'pdf') await this.#recognisePages(document, signal);
    if (signal.aborted) return;
    this.#done.set(documentId, revision);
    if ((await index.find(documentId))?.revision !== revision) return; // its event has just read it again
    await index.rebase(documentId, revision, revision - 1);
    await indexing.readAgain(document, revision);
  }

  async #recognisePages(document: LibraryDocument, signal: AbortSignal): Promise<void> {
    const { texts, recogniser, pages, logger } = this.#parts;
    const { documentId } = document;
    const read = await texts.read(document);
    const wanted = read.kind === 'removed' ? [] : (read.picturePages ?? []);
    let done = 0;
    await this.#note(done);
    const startedAt = this.#now();
    await texts.withFile(document, async (file) => {
      const onPage = (): Promise<void> => this.#note((done += 1));
      await recognisePages({ documentId, file, pages: wanted }, { recogniser, store: pages, signal, onPage });
    });
    const seconds = Math.round((this.#now() - startedAt) / 1_000);
    const { pagesLeft, secondsLeft } = this;
    if (!signal.aborted)
      logger.info({ documentId, pages: wanted.length, seconds, pagesLeft, secondsLeft }, 'pages recognised');
  }

  /** Updates the estimate; pages of the present document that are done are not yet searchable, so the index still counts them. */
  async #note(done: number): Promise<void> {
    const waiting = Math.max(0, (await this.#parts.index.countPicturePages()) - done);
    this.#eta.add({ atMs: this.#now(), waiting });
  }
}
