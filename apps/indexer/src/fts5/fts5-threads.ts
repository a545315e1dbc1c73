import { extname } from 'node:path';
import type { DocumentReport, LibraryAnswer } from '@allibrary/contracts';
import { NoSpace } from '@allibrary/messaging';
import { DamagedFile, discardReadModel, openReadModel } from '@allibrary/platform';
import { Tinypool } from 'tinypool';
import type { KnownDocument } from '../indexing/next-step.ts';
import {
  type IndexQuestion,
  type IndexableDocument,
  type IndexedRevision,
  SearchIndex,
  type Whereabouts,
} from '../search/search-index.ts';
import type { Fts5Index } from './fts5-index.ts';
import { ADDED_TABLES, FTS5_SCHEMA } from './fts5-schema.ts';
import type { CallAnswer, IndexCall, Method, Place } from './fts5-thread.ts';

// Built or not, the threads run the same kind of file as this one.
const THREAD_FILE = new URL(`./fts5-thread${extname(import.meta.url)}`, import.meta.url);

/**
 * The embedded engine in two threads of its own: one writes and one reads, so indexing a long book delays
 * neither a search nor the service. A SQLite reader sees the last commit while another thread writes.
 */
export class Fts5Threads extends SearchIndex {
  override readonly generation: string;
  readonly #place: Place;
  readonly #writer = thread();
  readonly #reader = thread();

  private constructor(place: Place, generation: string) {
    super();
    this.#place = place;
    this.generation = generation;
  }

  /** Opens the index in a file, or creates one; `version` may be an earlier one that can serve searches. */
  static open(file: string, version: number = FTS5_SCHEMA.version): Fts5Threads {
    const model = openReadModel({ file, ...FTS5_SCHEMA, version }); // made by one before two open it
    model.db.exec(ADDED_TABLES);
    model.close();
    return new Fts5Threads({ file, version }, model.generation);
  }

  override discard(): void {
    discardReadModel(this.#place.file);
  }

  override find(documentId: string): Promise<KnownDocument | null> {
    return this.#call(this.#writer, 'find', documentId);
  }

  override upsert(document: IndexableDocument, revision: number): Promise<boolean> {
    return this.#call(this.#writer, 'upsert', document, revision);
  }

  override confirm(document: Whereabouts, revision: number): Promise<void> {
    return this.#call(this.#writer, 'confirm', document, revision);
  }

  override hide(documentId: string, revision: number): Promise<void> {
    return this.#call(this.#writer, 'hide', documentId, revision);
  }

  override remove(documentId: string, revision: number): Promise<void> {
    return this.#call(this.#writer, 'remove', documentId, revision);
  }

  override search(question: IndexQuestion): Promise<LibraryAnswer> {
    return this.#call(this.#reader, 'search', question);
  }

  override report(documentId: string): Promise<DocumentReport | null> {
    return this.#call(this.#reader, 'report', documentId);
  }

  override rebase(documentId: string, seen: number, revision: number): Promise<void> {
    return this.#call(this.#writer, 'rebase', documentId, seen, revision);
  }

  override revisions(after: string, limit: number): Promise<IndexedRevision[]> {
    return this.#call(this.#reader, 'revisions', after, limit);
  }

  override count(): Promise<number> {
    return this.#call(this.#reader, 'count');
  }

  override countPicturePages(): Promise<number> {
    return this.#call(this.#reader, 'countPicturePages');
  }

  override problem(): Promise<string | null> {
    return this.#call(this.#reader, 'problem');
  }

  /** A write that is cut off here was not acknowledged: SQLite rolls it back, and its event is redelivered. */
  override async close(): Promise<void> {
    await Promise.all([this.#writer.destroy(), this.#reader.destroy()]);
  }

  /** A thread that dies fails its calls and is replaced. */
  async #call<M extends Method>(
    on: Tinypool,
    method: M,
    ...args: Parameters<Fts5Index[M]>
  ): Promise<Awaited<ReturnType<Fts5Index[M]>>> {
    const answer = (await on.run({ ...this.#place, method, args } as IndexCall)) as CallAnswer;
    if ('damage' in answer) throw new DamagedFile(answer.damage);
    if ('noSpace' in answer) throw new NoSpace(answer.noSpace);
    return answer.value as Awaited<ReturnType<Fts5Index[M]>>;
  }
}

/**
 * A small young generation keeps a thread small, and searches are no slower than with six times as much; the old one holds a
 * text of 20 million characters with its copies.
 */
const MEMORY = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 768 };

const thread = (): Tinypool =>
  new Tinypool({ filename: THREAD_FILE.href, minThreads: 1, maxThreads: 1, resourceLimits: MEMORY });
