import type { ListRevisions, ReplyOf } from '@allibrary/contracts';
import { type Pair, comparePages } from '@allibrary/core';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import PQueue from 'p-queue';
import type { CatalogClient } from './catalog-client.ts';
import type { DocumentIndexing } from './document-indexing.ts';
import type { IndexerMetrics } from './indexer-metrics.ts';
import type { IndexedRevision, SearchIndex } from '../search/search-index.ts';

const PAGE = 1_000;
/** Mending reads documents: as many at once as facts are handled. */
const CONCURRENCY = 4;
type RevisionPage = ReplyOf<typeof ListRevisions>;
type RevisedDocument = RevisionPage['items'][number];
type Difference = Pair<IndexedRevision, RevisedDocument>;

/** What a comparison depends on. */
export interface ReconciliationParts {
  readonly index: SearchIndex;
  readonly indexing: Pick<DocumentIndexing, 'add' | 'readAgain' | 'remove'>;
  readonly catalog: Pick<CatalogClient, 'find' | 'revisions'>;
  /** Whether documents that could not be read completely without OCR are read again. */
  readonly readsAgainWithOcr: boolean;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Pick<IndexerMetrics, 'mended'>;
}

/** Compares the index with the catalog and mends what differs: nothing depends on the bus keeping a fact. */
export class Reconciliation {
  readonly #parts: ReconciliationParts;
  #isComplete = false;
  /** The latest revision of the catalog when the present page was read. */
  #latest = 0;

  constructor(parts: ReconciliationParts) {
    this.#parts = parts;
  }

  /** Whether the index has once been as the catalog. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Compares once; returns whether the index is as the catalog now. */
  async compare(signal: AbortSignal): Promise<boolean> {
    const queue = new PQueue({ concurrency: CONCURRENCY });
    const outcomes = { mended: 0, unchanged: 0, failed: 0 };
    const mend = async (pair: Difference) => {
      outcomes[await this.#tryToMend(pair, signal)] += 1;
    };
    for await (const pairs of comparePages(this.#own(), this.#source())) {
      signal.throwIfAborted();
      await queue.addAll(
        pairs.filter((pair) => this.#differs(pair)).map((pair) => () => mend(pair)),
        { signal },
      );
    }
    const { mended, failed } = outcomes;
    if (mended > 0) this.#parts.logger.info({ mended, failed }, 'index compared with the catalog and corrected');
    this.#isComplete ||= failed === 0;
    return failed === 0;
  }

  #own() {
    const page = async (after: string) => {
      const items = await this.#parts.index.revisions(after, PAGE);
      return { items, isLast: items.length < PAGE };
    };
    return { page, keyOf: ({ documentId }: IndexedRevision) => documentId };
  }

  #source() {
    const page = async (after: string) => {
      const { items, isLast, latest } = await this.#parts.catalog.revisions(after, PAGE);
      this.#latest = latest;
      return { items, isLast };
    };
    return { page, keyOf: ({ documentId }: RevisedDocument) => documentId };
  }

  #differs({ own, source }: Difference): boolean {
    if (!own || own.revision !== source?.revision) return true;
    return this.#isReadableNow(own);
  }

  /** Whether OCR, which was off when the document was read, can read more of it now. */
  #isReadableNow({ problemCode, picturePages }: IndexedRevision): boolean {
    return this.#parts.readsAgainWithOcr && (problemCode === 'ocr-off' || picturePages > 0);
  }

  async #tryToMend(pair: Difference, signal: AbortSignal): Promise<'mended' | 'unchanged' | 'failed'> {
    try {
      return (await this.#mend(pair)) ? 'mended' : 'unchanged';
    } catch (error) {
      const fields = { documentId: pair.key, error: describeError(error) };
      if (!signal.aborted) this.#parts.logger.warn(fields, 'document not repaired in the index');
      return 'failed';
    }
  }

  /** Looks at the document again, in the index first: a fact that came meanwhile is never undone. */
  async #mend({ key: documentId, own, source }: Difference): Promise<boolean> {
    const { index, indexing, catalog, metrics } = this.#parts;
    const revision = source?.revision ?? this.#latest;
    const known = await index.find(documentId);
    if (own && known?.revision !== own.revision) return false; // a fact has just changed it
    const document = await catalog.find(documentId);
    if ((document === null) !== (source === undefined)) return false; // the catalog has changed: its fact follows
    // The index is ahead of the catalog, which has lost its latest changes: the owner's word counts.
    if (known && known.revision >= revision) await index.rebase(documentId, known.revision, revision - 1);
    if (document && known?.state === 'indexed' && own && this.#isReadableNow(own))
      await indexing.readAgain(document, revision);
    else if (document) await indexing.add(document, revision);
    else await indexing.remove(documentId, revision);
    metrics.mended(kindOf(known?.state === 'indexed', own, source));
    return true;
  }
}

function kindOf(isIndexed: boolean, own: IndexedRevision | undefined, source: RevisedDocument | undefined) {
  if (!source) return 'left-over';
  if (!isIndexed) return 'missing';
  return own?.revision === source.revision ? 'unread' : 'changed';
}
