import type { DocumentReport, LibraryAnswer } from '@allibrary/contracts';
import { Turns } from '@allibrary/core';
import { type Index, type Meilisearch, MeilisearchApiError } from 'meilisearch';
import type { KnownDocument } from '../indexing/next-step.ts';
import { parseQuery } from '../search/query.ts';
import {
  type IndexQuestion,
  type IndexableDocument,
  type IndexedRevision,
  NOTHING_FOUND,
  SearchIndex,
  type Whereabouts,
} from '../search/search-index.ts';
import { answerOf } from './answer.ts';
import { Batches, type Change } from './batches.ts';
import { type Tolerance, parametersOf, textOf } from './question.ts';
import { documentRecordOf, passageIdOf, passageRecordsOf, removalRecordOf } from './records.ts';
import type { DocumentRecord, IndexSchema, PassageRecord } from './schema.ts';

/** Shorter than the time limit of a search request. */
const SEARCH_LIMIT_MS = 4_500;

/** Number of documents with picture pages that are summed: Meilisearch has no sums. The total of more is too low. */
const MAX_SUMMED = 20_000;

/** A client whose indexes match their schema. */
export interface MeilisearchIndexOptions {
  readonly client: Meilisearch;
  readonly schema: Readonly<Record<'documents' | 'passages', IndexSchema>>;
  readonly generation: string;
}

/** The engine on a host of its own: Meilisearch, through its official client. */
export class MeilisearchIndex extends SearchIndex {
  override readonly generation: string;
  readonly #client: Meilisearch;
  readonly #documents: Index<DocumentRecord>;
  readonly #passages: Index<PassageRecord>;
  readonly #batches: Batches;
  readonly #turns = new Turns();

  constructor({ client, schema, generation }: MeilisearchIndexOptions) {
    super();
    this.generation = generation;
    this.#client = client;
    this.#documents = client.index(schema.documents.uid);
    this.#passages = client.index(schema.passages.uid);
    this.#batches = new Batches(this.#documents, this.#passages);
  }

  /** Meilisearch manages its own files. */
  override discard(): void {}

  override async find(documentId: string): Promise<KnownDocument | null> {
    const record = await this.#record(documentId);
    if (!record) return null;
    const { revision, isRemoved, source, words, problem, indexedAtMs } = record;
    if (isRemoved || source === null) return { state: 'removed', revision };
    return { state: 'indexed', revision, source, words, problem, indexedAtMs };
  }

  override async upsert(document: IndexableDocument, revision: number): Promise<boolean> {
    const { documentId } = document;
    return this.#change(documentId, revision, (known) => {
      const passages = passageRecordsOf(document);
      const gone = passageIds(documentId, passages.length, known?.passages ?? 0);
      return { passages, gone, record: documentRecordOf(document, revision, passages.length) };
    });
  }

  override async confirm({ documentId, isPublic, collections, source }: Whereabouts, revision: number): Promise<void> {
    await this.#change(documentId, revision, (known) => {
      if (!known || known.isRemoved) return null;
      const isUnmoved = known.isPublic === isPublic && known.collections.join(' ') === collections.join(' ');
      const ids = isUnmoved ? [] : passageIds(documentId, 0, known.passages);
      const passages = ids.map((id) => ({ id, isPublic, collections }));
      return { passages, gone: [], record: { ...known, isPublic, collections, source, revision } };
    });
  }

  override async hide(documentId: string, revision: number): Promise<void> {
    await this.#change(documentId, revision, (known) => {
      if (!known?.isPublic || known.isRemoved) return null;
      const { collections } = known;
      const passages = passageIds(documentId, 0, known.passages).map((id) => ({ id, isPublic: false, collections }));
      return { passages, gone: [], record: { ...known, isPublic: false } };
    });
  }

  override async remove(documentId: string, revision: number): Promise<void> {
    await this.#change(documentId, revision, (known) => ({
      passages: [],
      gone: passageIds(documentId, 0, known?.passages ?? 0),
      record: removalRecordOf(documentId, revision),
    }));
  }

  override async search(question: IndexQuestion): Promise<LibraryAnswer> {
    const query = parseQuery(question.text);
    if (!query) return NOTHING_FOUND;
    const signal = AbortSignal.timeout(SEARCH_LIMIT_MS);
    const parameters = parametersOf(question);
    const ask = async (tolerance: Tolerance, page: { readonly offset?: number; readonly limit?: number } = {}) => {
      const found = await this.#passages.search(textOf(query, tolerance), { ...parameters, ...page }, { signal });
      return answerOf(found, { query, question, tolerance });
    };
    const asTyped = await ask('as-typed');
    if (asTyped.hits.length > 0) return asTyped;
    const isPastTheEnd = question.offset > 0 && (await ask('as-typed', { offset: 0, limit: 1 })).hits.length > 0;
    return isPastTheEnd ? asTyped : ask('tolerant');
  }

  override async report(documentId: string): Promise<DocumentReport | null> {
    const record = await this.#record(documentId);
    if (!record?.metadata) return null;
    const { mediaType, pages, picturePages, words, problem, problemCode } = record;
    const { metadata, origins, sidecarProblem, indexedAtMs } = record;
    return {
      ...{ documentId, mediaType, pages, picturePages, words, problem, problemCode },
      ...{ metadata, origins, sidecarProblem, indexedAtMs },
    };
  }

  override async rebase(documentId: string, seen: number, revision: number): Promise<void> {
    await this.#turns.run(documentId, async () => {
      const known = await this.#record(documentId);
      if (known?.revision !== seen) return;
      await this.#batches.store({ passages: [], gone: [], record: { ...known, revision } });
    });
  }

  override async revisions(after: string, limit: number): Promise<IndexedRevision[]> {
    const { results } = await this.#documents.getDocuments<DocumentRecord>({
      filter: ['isRemoved = false', ...(after === '' ? [] : [`documentId > ${JSON.stringify(after)}`])],
      sort: ['documentId:asc'],
      fields: ['documentId', 'revision', 'problemCode', 'picturePages'],
      limit,
    });
    return results.map(({ documentId, revision, problemCode, picturePages }) => ({
      ...{ documentId, revision, problemCode, picturePages },
    }));
  }

  override async count(): Promise<number> {
    const { total } = await this.#documents.getDocuments({
      filter: 'isRemoved = false',
      fields: ['documentId'],
      limit: 0,
    });
    return total;
  }

  override async countPicturePages(): Promise<number> {
    const { results } = await this.#documents.getDocuments<DocumentRecord>({
      filter: 'picturePages > 0',
      fields: ['picturePages'],
      limit: MAX_SUMMED,
    });
    return results.reduce((sum, { picturePages }) => sum + picturePages, 0);
  }

  override async problem(): Promise<string | null> {
    return (await this.#client.isHealthy()) ? null : `Meilisearch does not answer at ${this.#client.config.host}`;
  }

  override async close(): Promise<void> {
    await this.#batches.idle();
  }

  async #record(documentId: string): Promise<DocumentRecord | null> {
    try {
      return await this.#documents.getDocument(documentId);
    } catch (error) {
      if (error instanceof MeilisearchApiError && error.cause?.code === 'document_not_found') return null;
      throw error;
    }
  }

  /** Stores what a fact changes, unless a fact as late or later is known; facts about one document wait for each other. */
  async #change(
    documentId: string,
    revision: number,
    changeOf: (known: DocumentRecord | null) => Change | null,
  ): Promise<boolean> {
    return this.#turns.run(documentId, async () => {
      const known = await this.#record(documentId);
      const change = (known?.revision ?? -1) >= revision ? null : changeOf(known);
      if (change) await this.#batches.store(change);
      return change !== null;
    });
  }
}

/** The ids of a document's passages from a number on. */
const passageIds = (documentId: string, from: number, to: number): string[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => passageIdOf(documentId, from + at));
