import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentId } from '@allibrary/contracts';
import PQueue from 'p-queue';
import { hasCover } from '../extraction/text-format.ts';
import type { SearchIndex } from '../search/search-index.ts';
import type { CatalogClient } from './catalog-client.ts';
import type { Covers } from './covers.ts';
import type { DocumentTexts } from './document-texts.ts';
import type { ReadingLog } from './reading-log.ts';

/** Only the disk, the index or the bus can fail; a document that can't be drawn has no cover. */
const RETRY_MS = 60_000;
/** How long somebody who asks for a cover waits for it. */
const NOW_LIMIT_MS = 3_000;

/** What drawing covers depends on. */
export interface CoverDrawingParts {
  readonly index: Pick<SearchIndex, 'find' | 'report'>;
  readonly texts: Pick<DocumentTexts, 'cover'>;
  readonly covers: Pick<Covers, 'keep' | 'expect' | 'expected' | 'isExpected'>;
  readonly catalog: Pick<CatalogClient, 'find'>;
  readonly log: Pick<ReadingLog, 'coverNotDrawn'>;
  /** Waits until no text is being read, at most a few seconds. */
  readonly untilTextsAreRead: () => Promise<void>;
}

/** Draws the covers of indexed documents one by one, preferably while no text is read, so that words are found sooner. */
export class CoverDrawing {
  readonly #parts: CoverDrawingParts;
  readonly #queue = new PQueue({ concurrency: 1, autoStart: false });

  constructor(parts: CoverDrawingParts) {
    this.#parts = parts;
  }

  /** Schedules the drawing of a document's cover; it survives a restart. */
  async expect(documentId: DocumentId, mediaType: string): Promise<void> {
    if (!hasCover(mediaType)) return;
    await this.#parts.covers.expect(documentId);
    this.#enqueue(documentId);
  }

  /** Draws a cover at once if it is still to be drawn; waits a few seconds for it at most. */
  async drawNow(documentId: DocumentId): Promise<void> {
    if (!(await this.#parts.covers.isExpected(documentId))) return;
    await Promise.race([this.#draw(documentId), delay(NOW_LIMIT_MS, undefined, { ref: false })]);
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
    this.#queue.add(() => this.#drawLater(documentId)).catch(() => {}); // it reports its failures itself
  }

  async #drawLater(documentId: DocumentId): Promise<void> {
    await this.#parts.untilTextsAreRead();
    if (await this.#parts.covers.isExpected(documentId)) await this.#draw(documentId);
  }

  async #draw(documentId: DocumentId): Promise<void> {
    const { index, texts, covers, catalog, log } = this.#parts;
    let mediaType: string | undefined;
    try {
      mediaType = (await index.report(documentId))?.mediaType;
      const document = await catalog.find(documentId);
      await covers.keep(documentId, document && mediaType ? await texts.cover(document, mediaType) : null);
      if ((await index.find(documentId))?.state !== 'indexed') await this.remove(documentId); // removed meanwhile
    } catch (error) {
      if (this.#queue.isPaused) return; // stopping; it stays expected
      log.coverNotDrawn(documentId, mediaType ?? 'unknown', error);
      setTimeout(() => this.#enqueue(documentId), RETRY_MS).unref();
    }
  }
}
