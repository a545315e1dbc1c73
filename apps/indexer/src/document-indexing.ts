import { type Data, DocumentIndexed, type LibraryDocument, type Location } from '@allibrary/contracts';
import { type Bus, describeError, isNoSpace } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Covers } from './covers.ts';
import type { DescribedDocuments } from './described-documents.ts';
import type { DocumentText, DocumentTexts } from './document-texts.ts';
import { type DocumentSource, changedLocations } from './domain/document-source.ts';
import { NO_METADATA } from './domain/metadata.ts';
import { nextStep } from './domain/next-step.ts';
import { hasCover } from './domain/text-format.ts';
import type { IndexerMetrics } from './indexer-metrics.ts';
import type { SearchIndex, Whereabouts } from './search-index.ts';

type Outcome = Omit<Data<typeof DocumentIndexed>, 'documentId'>;

const NO_TEXT = { text: '', divisions: [], words: 0 } as const;

/** What keeping the index takes. */
export interface DocumentIndexingOptions {
  readonly index: SearchIndex;
  readonly texts: Pick<DocumentTexts, 'read' | 'cover' | 'sourceOf' | 'sidecarOf'>;
  readonly covers: Pick<Covers, 'keep'>;
  readonly described: Pick<DescribedDocuments, 'of'>;
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
  async add(document: LibraryDocument, revision: number): Promise<void> {
    const { index, texts } = this.#parts;
    const known = await index.find(document.documentId);
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
        // An earlier delivery may have failed before the cover was drawn.
        await this.#draw(document, (await index.report(document.documentId))?.mediaType ?? document.mediaType);
        break;
      case 'index':
        await this.#index(document, revision);
        break;
    }
    // A fact may come again because this failed before: then it is as for a new document.
    const before = known?.state === 'indexed' && step.kind !== 'announce' ? known.source : null;
    const places = changedLocations(before?.locations ?? [], document.locations);
    await this.#describe(places, revision, before ? 'moved' : 'new');
  }

  /** Reads a document again although no fact asks for it. */
  async readAgain(document: LibraryDocument, revision: number): Promise<void> {
    await this.#index(document, revision);
  }

  /** Takes note that a document was removed. */
  async remove(documentId: string, revision: number): Promise<void> {
    const { index, covers } = this.#parts;
    const known = await index.find(documentId);
    // First, so that it is done again when the fact comes again.
    if (known?.state === 'indexed' && known.revision < revision)
      await this.#describe(known.source.locations, revision, 'moved');
    await index.remove(documentId, revision);
    if ((await index.find(documentId))?.state === 'removed') await covers.keep(documentId, null);
  }

  /**
   * Reads anew what a sidecar describes at the places to which it came, or which it left. What was read since its own
   * fact has been read with it, or without it; what moved along with it is still described by the same one.
   */
  async #describe(places: readonly Location[], revision: number, sidecar: 'new' | 'moved'): Promise<void> {
    const { index, described, texts } = this.#parts;
    for (const document of await described.of({ locations: [...places] })) {
      const known = await index.find(document.documentId);
      if (!known || known.revision >= revision) continue;
      const version = sidecar === 'moved' && known.state === 'indexed' ? known.source.sidecar : undefined;
      if (version === undefined || version !== (await texts.sidecarOf(document))) await this.#index(document, revision);
    }
  }

  async #index(document: LibraryDocument, revision: number): Promise<void> {
    const { index, texts, metrics, now } = this.#parts;
    const read = await texts.read(document);
    if (read.kind === 'removed') return; // the fact that says so is on its way
    this.#warn(document, read);
    const problem = read.kind === 'problem' ? read.problem : null;
    const { text, divisions, words } = read.kind === 'text' ? read : NO_TEXT;
    // A scanned book may have a title, too.
    const {
      mediaType = document.mediaType,
      metadata = NO_METADATA,
      origins = {},
      sidecarProblem = null,
      picturePages = 0,
    } = read;
    const indexedAtMs = now();
    const isNews = await index.upsert(
      {
        ...{
          ...whereaboutsOf(document, read.source),
          name: document.name,
          sizeBytes: document.sizeBytes,
          mediaType,
          metadata,
          origins,
        },
        ...{ sidecarProblem, picturePages, text, divisions, words, problem, indexedAtMs },
      },
      revision,
    );
    if (!isNews) return;
    metrics.documentIndexed(problem === null ? 'text' : 'name-only');
    await this.#announce(document, { words, problem, indexedAtMs });
    await this.#draw(document, mediaType);
  }

  /** A cover that can't be drawn costs its document nothing else; for one that found no room, the fact comes again. */
  async #draw(document: LibraryDocument, mediaType: string): Promise<void> {
    const { index, texts, covers, logger } = this.#parts;
    const { documentId } = document;
    if (!hasCover(mediaType)) return;
    try {
      await covers.keep(documentId, await texts.cover(document, mediaType));
      if ((await index.find(documentId))?.state !== 'indexed') await covers.keep(documentId, null); // removed meanwhile
    } catch (error) {
      if (isNoSpace(error)) throw error;
      logger.warn({ documentId, error: describeError(error) }, 'the cover of a document is not kept');
    }
  }

  async #announce({ documentId }: LibraryDocument, { words, problem, indexedAtMs }: Outcome): Promise<void> {
    await this.#parts.bus.publish(DocumentIndexed, { documentId, words, problem, indexedAtMs });
  }

  #warn({ documentId }: LibraryDocument, read: Exclude<DocumentText, { kind: 'removed' }>): void {
    const { path, sidecarProblem } = read;
    if (sidecarProblem) this.#parts.logger.warn({ documentId, path, sidecarProblem }, 'a sidecar says nothing');
    if (read.kind === 'problem') {
      const { problem } = read;
      this.#parts.logger.warn({ documentId, path, problem }, 'a document can be found by its name only');
    } else if (read.truncated) {
      const characters = read.text.length;
      this.#parts.logger.warn({ documentId, path, characters }, 'only the beginning of a document can be found');
    }
  }
}

const whereaboutsOf = ({ documentId, isPublic, locations }: LibraryDocument, source: DocumentSource): Whereabouts => ({
  ...{ documentId, isPublic, source },
  collections: [...new Set(locations.map(({ collection }) => collection))].toSorted(),
});
