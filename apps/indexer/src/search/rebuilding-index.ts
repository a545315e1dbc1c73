import type { DocumentReport, LibraryAnswer } from '@allibrary/contracts';
import type { KnownDocument } from '../indexing/next-step.ts';
import {
  type IndexQuestion,
  type IndexableDocument,
  type IndexedRevision,
  SearchIndex,
  type Whereabouts,
} from './search-index.ts';

/**
 * An index that is being rebuilt. The previous index keeps serving searches until the new one is complete. Changes go to
 * both: a removed or private document is not found any more, and a new one is found at once.
 */
export class RebuildingIndex extends SearchIndex {
  override readonly generation: string;
  readonly #next: SearchIndex;
  #previous: { readonly index: SearchIndex; readonly discard: () => void } | null;

  /** `discard` deletes the previous index once it is closed. */
  constructor(next: SearchIndex, previous: SearchIndex, discard: () => void) {
    super();
    this.generation = next.generation;
    this.#next = next;
    this.#previous = { index: previous, discard };
  }

  override discard(): void {
    this.#next.discard();
  }

  override get isRebuilding(): boolean {
    return this.#previous !== null;
  }

  /** The new index serves searches from now on. */
  override async finishRebuilding(): Promise<void> {
    const previous = this.#previous;
    this.#previous = null;
    await previous?.index.close();
    previous?.discard();
  }

  override find(documentId: string): Promise<KnownDocument | null> {
    return this.#next.find(documentId);
  }

  override async upsert(document: IndexableDocument, revision: number): Promise<boolean> {
    const previous = this.#previous?.index;
    if (previous && (await previous.find(document.documentId))?.state === 'indexed') {
      await previous.confirm(document, revision);
    } else {
      await previous?.upsert(document, revision);
    }
    return this.#next.upsert(document, revision);
  }

  override async confirm(document: Whereabouts, revision: number): Promise<void> {
    await this.#previous?.index.confirm(document, revision);
    await this.#next.confirm(document, revision);
  }

  override async hide(documentId: string, revision: number): Promise<void> {
    await this.#previous?.index.hide(documentId, revision);
    await this.#next.hide(documentId, revision);
  }

  override async remove(documentId: string, revision: number): Promise<void> {
    await this.#previous?.index.remove(documentId, revision);
    await this.#next.remove(documentId, revision);
  }

  override search(question: IndexQuestion): Promise<LibraryAnswer> {
    return this.#answering.search(question);
  }

  override report(documentId: string): Promise<DocumentReport | null> {
    return this.#answering.report(documentId);
  }

  override async rebase(documentId: string, seen: number, revision: number): Promise<void> {
    await this.#previous?.index.rebase(documentId, seen, revision);
    await this.#next.rebase(documentId, seen, revision);
  }

  override revisions(after: string, limit: number): Promise<IndexedRevision[]> {
    return this.#next.revisions(after, limit);
  }

  override count(): Promise<number> {
    return this.#answering.count();
  }

  override countPicturePages(): Promise<number> {
    return this.#answering.countPicturePages();
  }

  override async problem(): Promise<string | null> {
    return (await this.#previous?.index.problem()) ?? this.#next.problem();
  }

  override async close(): Promise<void> {
    await Promise.all([this.#previous?.index.close(), this.#next.close()]);
  }

  get #answering(): SearchIndex {
    return this.#previous?.index ?? this.#next;
  }
}
