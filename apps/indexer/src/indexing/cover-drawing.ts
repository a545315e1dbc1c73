import { once } from 'node:events';
import type { DocumentId } from '@allibrary/contracts';
import PQueue from 'p-queue';
import { hasCover } from '../extraction/text-format.ts';
import type { SearchIndex } from '../search/search-index.ts';
import type { CatalogClient } from './catalog-client.ts';
import type { Covers } from './covers.ts';
import type { DocumentTexts } from './document-texts.ts';
import type { ReadingLog } from './reading-log.ts';

/** A failure is that of the disk or the bus: the document itself can only have no cover. */
const RETRY_MS = 60_000;

/** What drawing covers depends on. */
export interface CoverDrawingParts {
  readonly index: Pick<SearchIndex, 'find' | 'report'>;
  readonly texts: Pick<DocumentTexts, 'cover'>;
  readonly covers: Pick<Covers, 'keep' | 'expect' | 'expected'>;
  readonly catalog: Pick<CatalogClient, 'find'>;
  readonly log: Pick<ReadingLog, 'coverNotDrawn'>;
}

/** Draws the covers of indexed documents, one after the other and after their texts, so that words are found sooner. */
export class CoverDrawing {
  readonly #parts: CoverDrawingParts;
  readonly #queue = new PQueue({ concurrency: 1, autoStart: false });

  constructor(parts: CoverDrawingParts) {
    this.#parts = parts;
  }

  /** Has a document's cover drawn later, also after a restart. */
  async expect(documentId: DocumentId, mediaType: string): Promise<void> {
    if (!hasCover(mediaType)) return;
    await this.#parts.covers.expect(documentId);
    this.#enqueue(documentId);
  }

  /** Deletes a document's cover. */
  async remove(documentId: DocumentId): Promise<void> {
    await this.#parts.covers.keep(documentId, null);
  }

  /** Draws expected covers until the signal aborts. */
  async repeat(signal: AbortSignal): Promise<void> {
    for (const documentId of await this.#parts.covers.expected()) this.#enqueue(documentId);
    this.#queue.start();
    if (!signal.aborted) await once(signal, 'abort');
    this.#queue.pause();
    this.#queue.clear();
    await this.#queue.onIdle();
  }

  #enqueue(documentId: DocumentId): void {
    this.#queue.add(() => this.#draw(documentId)).catch(() => {}); // it reports its failures itself
  }

  async #draw(documentId: DocumentId): Promise<void> {
    const { index, texts, covers, catalog, log } = this.#parts;
    const mediaType = (await index.report(documentId))?.mediaType;
    try {
      const document = await catalog.find(documentId);
      const isThere = document !== null && mediaType !== undefined;
      await covers.keep(documentId, isThere ? await texts.cover(document, mediaType) : null);
      if ((await index.find(documentId))?.state !== 'indexed') await this.remove(documentId); // removed meanwhile
    } catch (error) {
      if (this.#queue.isPaused) return; // stopping; it stays expected
      log.coverNotDrawn(documentId, mediaType ?? 'unknown', error);
      setTimeout(() => this.#enqueue(documentId), RETRY_MS).unref();
    }
  }
}
