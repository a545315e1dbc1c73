import { setTimeout as delay } from 'node:timers/promises';
import type { LibraryDocument, ListDocuments, ReplyOf } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { DocumentIndexing } from './document-indexing.ts';
import type { KnownDocument } from './domain/next-step.ts';
import type { IndexerMetrics } from './indexer-metrics.ts';
import type { SearchIndex } from './search-index.ts';

const FIRST_AFTER_MS = 10 * 60_000;
const EVERY_MS = 24 * 3_600_000;
const PAGE = 200;
/** More differences than this are no accident; the rest is mended after the next comparison. */
const MAX_SUSPECTS = 10_000;

type CatalogPage = ReplyOf<typeof ListDocuments>;

/** What this node's documents are, by the service that owns them. */
export interface Catalog {
  list(cursor: string | null): Promise<CatalogPage>;
  /** Null when it is not here. */
  find(documentId: string): Promise<LibraryDocument | null>;
}

/** What a comparison stands on. */
export interface ReconciliationOptions {
  readonly index: SearchIndex;
  readonly indexing: Pick<DocumentIndexing, 'add' | 'remove'>;
  readonly catalog: Catalog;
  /** Whether facts wait to be handled, so that the index is known to be behind. */
  readonly isBehind: () => Promise<boolean>;
  /** The stream sequence of the newest fact about the library. */
  readonly newestSequence: () => Promise<number>;
  /** Whether a document that could not be read is to be read again, for OCR is on by now. */
  readonly isReadable: (problem: string) => boolean;
  /** How long a fact may be on its way. */
  readonly settleMs: number;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<IndexerMetrics, 'mended'>;
}

/** Compares the index with the catalog each day and mends what facts that were lost have left. */
export class Reconciliation {
  readonly #parts: ReconciliationOptions;

  constructor(parts: ReconciliationOptions) {
    this.#parts = parts;
  }

  /** Compares again and again, until the signal aborts. */
  async repeat(signal: AbortSignal): Promise<void> {
    for (let waitMs = FIRST_AFTER_MS; !signal.aborted; waitMs = EVERY_MS) {
      try {
        await delay(waitMs, undefined, { signal, ref: false });
        await this.compare(signal);
      } catch (error) {
        if (signal.aborted) return;
        const message = 'the index could not be compared with the catalog; it is tried again tomorrow';
        this.#parts.logger.warn({ error: describeError(error) }, message);
      }
    }
  }

  /** Compares once. What differs is looked at again when all facts must have come: only then it is mended. */
  async compare(signal: AbortSignal): Promise<void> {
    const { isBehind, newestSequence, settleMs, logger } = this.#parts;
    const suspects = await this.#suspects(signal);
    if (suspects.length === 0) return;
    await delay(settleMs, undefined, { signal, ref: false });
    if (await isBehind()) return;
    const sequence = await newestSequence(); // asked first: of what happens from now on a later fact tells
    let mended = 0;
    for (const documentId of suspects) {
      signal.throwIfAborted();
      mended += Number(await this.#mend(documentId, sequence));
    }
    if (mended > 0) logger.warn({ mended }, 'the index differed from the catalog and was mended');
  }

  async #mend(documentId: string, sequence: number): Promise<boolean> {
    const { index, indexing, catalog, metrics } = this.#parts;
    const document = await catalog.find(documentId);
    const known = await index.find(documentId);
    const isIndexed = known?.state === 'indexed';
    if (document && !this.#isComplete(known)) {
      await indexing.add(document, sequence);
      metrics.mended(isIndexed ? 'unread' : 'missing');
    } else if (!document && isIndexed) {
      await indexing.remove(documentId, sequence);
      metrics.mended('left-over');
    } else {
      return false;
    }
    return true;
  }

  /** The documents of which index and catalog say different things now. */
  async #suspects(signal: AbortSignal): Promise<string[]> {
    const { index } = this.#parts;
    const missing: string[] = [];
    const unread: string[] = [];
    let total = 0;
    for await (const page of this.#catalogPages(signal)) {
      for (const { documentId } of page.items) {
        const known = await index.find(documentId);
        if (known?.state !== 'indexed') missing.push(documentId);
        else if (!this.#isComplete(known)) unread.push(documentId);
      }
      total = page.total;
      if (missing.length + unread.length >= MAX_SUSPECTS) break;
    }
    const leftOver = (await index.count()) - (total - missing.length);
    return [...missing, ...unread, ...(leftOver > 0 ? await this.#leftOver(signal) : [])];
  }

  #isComplete(known: KnownDocument | null): boolean {
    if (known?.state !== 'indexed') return false;
    return known.problem === null || !this.#parts.isReadable(known.problem);
  }

  async *#catalogPages(signal: AbortSignal): AsyncGenerator<CatalogPage> {
    let cursor: string | null = null;
    do {
      signal.throwIfAborted();
      const page: CatalogPage = await this.#parts.catalog.list(cursor);
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** Asks for each document of the index; rarely, for that takes long. */
  async #leftOver(signal: AbortSignal): Promise<string[]> {
    const { index, catalog } = this.#parts;
    const found: string[] = [];
    for (let last = ''; found.length < MAX_SUSPECTS; ) {
      signal.throwIfAborted();
      const documentIds = await index.documentIds(last, PAGE);
      for (const documentId of documentIds) if (!(await catalog.find(documentId))) found.push(documentId);
      if (documentIds.length < PAGE) break;
      last = documentIds.at(-1) ?? '';
    }
    return found;
  }
}
