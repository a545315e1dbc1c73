import { type Data, DocumentIndexed, type LibraryDocument, type Location } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { CoverDrawing } from './cover-drawing.ts';
import type { DescribedDocuments } from './described-documents.ts';
import type { DocumentTexts } from './document-texts.ts';
import { type DocumentSource, changedLocations } from './document-source.ts';
import { NO_METADATA } from '../extraction/description/metadata.ts';
import { nextStep } from './next-step.ts';
import type { IndexerMetrics } from './indexer-metrics.ts';
import type { ReadingLog } from './reading-log.ts';
import type { SearchIndex, Whereabouts } from '../search/search-index.ts';

type Outcome = Omit<Data<typeof DocumentIndexed>, 'documentId'>;

const NO_PROBLEM = { problem: null, problemCode: null } as const;
const NO_TEXT = { text: '', divisions: [], words: 0 } as const;

/** What indexing depends on. */
export interface DocumentIndexingParts {
  readonly index: SearchIndex;
  readonly texts: Pick<DocumentTexts, 'read' | 'sourceOf' | 'sidecarOf' | 'forget'>;
  readonly drawing: Pick<CoverDrawing, 'expect' | 'remove'>;
  readonly described: Pick<DescribedDocuments, 'of'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Pick<ReadingLog, 'note'>;
  readonly metrics: Pick<IndexerMetrics, 'documentIndexed'>;
}

/** Applies the events about documents to the index. */
export class DocumentIndexing {
  readonly #parts: DocumentIndexingParts;
  readonly #now: () => number;

  constructor(parts: DocumentIndexingParts, now: () => number) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Indexes a document that was added, or that has another name or other locations. */
  async add(document: LibraryDocument, revision: number): Promise<void> {
    const { index, texts, drawing } = this.#parts;
    const known = await index.find(document.documentId);
    // What follows may have to wait, for a file or for settings that were lost. Until then no peer may find it.
    if (!document.isPublic) await index.hide(document.documentId, revision);
    const source = await texts.sourceOf(document);
    const step = nextStep(known, source, revision);
    switch (step.kind) {
      case 'ignore':
        return;
      case 'confirm':
        await index.confirm(whereaboutsOf(document, { ...source, sidecar: step.sidecar }), revision);
        break;
      case 'compare-sidecar':
        if ((await texts.sidecarOf(document)) === step.sidecar)
          await index.confirm(whereaboutsOf(document, { ...source, sidecar: step.sidecar }), revision);
        else await this.#index(document, revision);
        break;
      case 'announce':
        await this.#announce(document, step);
        // An earlier delivery may have failed before the cover was scheduled.
        await drawing.expect(
          document.documentId,
          (await index.report(document.documentId))?.mediaType ?? document.mediaType,
        );
        break;
      case 'index':
        await this.#index(document, revision);
        break;
    }
    // An event may be redelivered because this failed before: then it is handled like that of a new document.
    const before = known?.state === 'indexed' && step.kind !== 'announce' ? known.source : null;
    const changed = changedLocations(before?.locations ?? [], document.locations);
    await this.#describe(changed, revision, before ? 'moved' : 'new');
  }

  /** Indexes a document again without an event. */
  async readAgain(document: LibraryDocument, revision: number): Promise<void> {
    await this.#index(document, revision);
  }

  /** Removes a document from the index. */
  async remove(documentId: string, revision: number): Promise<void> {
    const { index, drawing, texts } = this.#parts;
    const known = await index.find(documentId);
    // First, so that a redelivered event repeats it after a failure.
    if (known?.state === 'indexed' && known.revision < revision)
      await this.#describe(known.source.locations, revision, 'moved');
    await index.remove(documentId, revision);
    if ((await index.find(documentId))?.state !== 'removed') return;
    await drawing.remove(documentId);
    await texts.forget(documentId);
  }

  /**
   * Reads again what a sidecar describes at the locations that it reached or left. A document that was read since the
   * sidecar's own event is up to date, and one that moved along with its sidecar is still described by it.
   */
  async #describe(locations: readonly Location[], revision: number, sidecar: 'new' | 'moved'): Promise<void> {
    const { index, described, texts } = this.#parts;
    for (const document of await described.of({ locations: [...locations] })) {
      const known = await index.find(document.documentId);
      if (!known || known.revision >= revision) continue;
      const version = sidecar === 'moved' && known.state === 'indexed' ? known.source.sidecar : undefined;
      if (version === undefined || version !== (await texts.sidecarOf(document))) await this.#index(document, revision);
    }
  }

  async #index(document: LibraryDocument, revision: number): Promise<void> {
    const { index, texts, drawing, metrics } = this.#parts;
    const read = await texts.read(document);
    if (read.kind === 'removed') return; // its event follows
    this.#parts.log.note(document, read);
    const { problem, problemCode } = read.kind === 'problem' ? read : NO_PROBLEM;
    const { text, divisions, words } = read.kind === 'text' ? read : NO_TEXT;
    // A scanned book may have a title, too.
    const {
      mediaType = document.mediaType,
      metadata = NO_METADATA,
      origins = {},
      sidecarProblem = null,
      picturePages = [],
    } = read;
    const indexedAtMs = this.#now();
    const isNews = await index.upsert(
      {
        ...whereaboutsOf(document, read.source),
        ...{ name: document.name, sizeBytes: document.sizeBytes, mediaType, metadata, origins, sidecarProblem },
        ...{ picturePages: picturePages.length, text, divisions, words, problem, problemCode, indexedAtMs },
      },
      revision,
    );
    if (!isNews) return;
    metrics.documentIndexed(problem === null ? 'text' : 'name-only');
    await this.#announce(document, { words, problem, indexedAtMs });
    await drawing.expect(document.documentId, mediaType);
  }

  async #announce({ documentId }: LibraryDocument, { words, problem, indexedAtMs }: Outcome): Promise<void> {
    await this.#parts.bus.publish(DocumentIndexed, { documentId, words, problem, indexedAtMs });
  }
}

const whereaboutsOf = ({ documentId, isPublic, locations }: LibraryDocument, source: DocumentSource): Whereabouts => ({
  ...{ documentId, isPublic, source },
  collections: [...new Set(locations.map(({ collection }) => collection))].toSorted(),
});
