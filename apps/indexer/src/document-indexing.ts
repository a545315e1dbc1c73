import { type Data, DocumentIndexed, type LibraryDocument } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { DocumentText, DocumentTexts } from './document-texts.ts';
import { NO_METADATA } from './domain/metadata.ts';
import { nextStep } from './domain/next-step.ts';
import type { IndexerMetrics } from './indexer-metrics.ts';
import type { SearchIndex } from './search-index.ts';

type Added = LibraryDocument;
type Outcome = Omit<Data<typeof DocumentIndexed>, 'documentId'>;

const NO_TEXT = { text: '', divisions: [], words: 0 } as const;

/** What keeping the index takes. */
export interface DocumentIndexingOptions {
  readonly index: SearchIndex;
  readonly texts: Pick<DocumentTexts, 'read'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<IndexerMetrics, 'documentIndexed'>;
  readonly now: () => number;
}

/** Keeps the index true to the facts about documents. */
export class DocumentIndexing {
  readonly #parts: DocumentIndexingOptions;

  constructor(parts: DocumentIndexingOptions) {
    this.#parts = parts;
  }

  /** Takes note that a document was added, or has another name or other locations. */
  async add(document: Added, sequence: number): Promise<void> {
    const { index } = this.#parts;
    const step = nextStep(await index.find(document.documentId), document, sequence);
    switch (step.kind) {
      case 'ignore':
        return;
      case 'confirm':
        return index.confirm(document, sequence);
      case 'announce':
        return this.#announce(document, step);
      case 'index':
        return this.#index(document, sequence);
    }
  }

  /** Takes note that a document was removed. */
  async remove(documentId: string, sequence: number): Promise<void> {
    await this.#parts.index.remove(documentId, sequence);
  }

  async #index(document: Added, sequence: number): Promise<void> {
    const { index, texts, metrics, now } = this.#parts;
    const read = await texts.read(document);
    if (read.kind === 'removed') return; // the fact that says so is on its way
    this.#warn(document, read);
    const problem = read.kind === 'problem' ? read.problem : null;
    const { text, divisions, words } = read.kind === 'text' ? read : NO_TEXT;
    const metadata = read.metadata ?? NO_METADATA; // a scanned book may have a title
    const indexedAtMs = now();
    if (!(await index.upsert({ ...document, text, divisions, metadata, words, problem, indexedAtMs }, sequence)))
      return;
    metrics.documentIndexed(problem === null ? 'text' : 'name-only');
    await this.#announce(document, { words, problem, indexedAtMs });
  }

  async #announce({ documentId }: Added, { words, problem, indexedAtMs }: Outcome): Promise<void> {
    await this.#parts.bus.publish(DocumentIndexed, { documentId, words, problem, indexedAtMs });
  }

  #warn({ documentId }: Added, read: Exclude<DocumentText, { kind: 'removed' }>): void {
    const { path } = read;
    if (read.kind === 'problem') {
      const { problem } = read;
      this.#parts.logger.warn({ documentId, path, problem }, 'a document can be found by its name only');
    } else if (read.truncated) {
      const characters = read.text.length;
      this.#parts.logger.warn({ documentId, path, characters }, 'only the beginning of a document can be found');
    }
  }
}
