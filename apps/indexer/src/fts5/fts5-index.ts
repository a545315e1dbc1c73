import { zstdCompressSync } from 'node:zlib';
import type { DocumentReport, LibraryAnswer } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import type { KnownDocument } from '../indexing/next-step.ts';
import { sortKeyOf } from '../search/sort-key.ts';
import { Fts5Search } from './fts5-search.ts';
import { readDocument } from './read-document.ts';
import { SpellingRanks } from './spelling-ranks.ts';
import {
  type IndexQuestion,
  type IndexableDocument,
  type IndexedRevision,
  SearchIndex,
  type Whereabouts,
} from '../search/search-index.ts';
import { Vocabulary } from './vocabulary.ts';

type Statement = ReturnType<ReadModel['db']['prepare']>;

/** The embedded engine: SQLite's FTS5, in the service's own read model. */
export class Fts5Index extends SearchIndex {
  override readonly generation: string;
  readonly #model: ReadModel;
  readonly #vocabulary: Vocabulary;
  readonly #spellings: SpellingRanks;
  readonly #search: Fts5Search;
  readonly #statements: Record<keyof typeof SQL, Statement>;

  constructor(model: ReadModel) {
    super();
    this.generation = model.generation;
    this.#model = model;
    this.#vocabulary = new Vocabulary(model);
    this.#spellings = new SpellingRanks(model);
    this.#search = new Fts5Search(model, this.#vocabulary, this.#spellings);
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, model.db.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof SQL, Statement>;
  }

  override discard(): void {
    this.#model.discard();
  }

  override async find(documentId: string): Promise<KnownDocument | null> {
    const row = this.#statements.known.get(documentId);
    if (row) return { state: 'indexed', ...row, source: JSON.parse(String(row['source'])) as unknown } as KnownDocument;
    const revision = this.#removedAt(documentId);
    return revision === undefined ? null : { state: 'removed', revision };
  }

  override async upsert(document: IndexableDocument, revision: number): Promise<boolean> {
    return this.#model.transaction(() => {
      const { documentId, name, sizeBytes, mediaType, metadata, words, problem, isPublic, indexedAtMs } = document;
      const { problemCode, sidecarProblem, picturePages } = document;
      if (this.#latest(documentId) >= revision) return false;
      this.#forget(documentId);
      const { lastInsertRowid: id } = this.#statements.addDocument.run({
        ...{
          documentId,
          name,
          sizeBytes,
          mediaType,
          words,
          problem,
          problemCode,
          revision,
          indexedAtMs,
          sidecarProblem,
          picturePages,
        },
        isPublic: Number(isPublic),
        collections: JSON.stringify(document.collections),
        source: JSON.stringify(document.source),
        metadata: JSON.stringify(metadata),
        origins: JSON.stringify(document.origins),
        language: metadata.language,
        year: metadata.year,
        sortTitle: sortKeyOf(metadata.title ?? name),
        pages: document.divisions.at(-1)?.page ?? null,
      });
      const { fields, words: known, collector, passages, concordance } = readDocument(document);
      this.#statements.addText.run({ id, ...fields });
      this.#vocabulary.add(known);
      this.#spellings.add(id, collector.spellings, collector.variants);
      for (const [number, { page, chapter, text }] of passages.entries())
        this.#statements.addPassage.run(id, number, page, chapter, zstdCompressSync(text));
      if (concordance !== null) this.#statements.addConcordance.run(id, zstdCompressSync(concordance));
      return true;
    });
  }

  override async confirm(document: Whereabouts, revision: number): Promise<void> {
    const { documentId, isPublic } = document;
    const [collections, source] = [JSON.stringify(document.collections), JSON.stringify(document.source)];
    this.#statements.confirm.run({ documentId, revision, isPublic: Number(isPublic), collections, source });
  }

  override async hide(documentId: string, revision: number): Promise<void> {
    this.#statements.hide.run(documentId, revision);
  }

  override async remove(documentId: string, revision: number): Promise<void> {
    this.#model.transaction(() => {
      if (this.#latest(documentId) >= revision) return;
      this.#forget(documentId);
      this.#statements.addRemoval.run(documentId, revision);
    });
  }

  override async search(question: IndexQuestion): Promise<LibraryAnswer> {
    return this.#search.answer(question);
  }

  override async report(documentId: string): Promise<DocumentReport | null> {
    const row = this.#statements.report.get(documentId);
    if (!row) return null;
    const { metadata, origins, ...rest } = row;
    return {
      ...rest,
      metadata: JSON.parse(metadata as string) as unknown,
      origins: JSON.parse(origins as string) as unknown,
    } as DocumentReport;
  }

  override async rebase(documentId: string, seen: number, revision: number): Promise<void> {
    this.#model.transaction(() => {
      this.#statements.rebaseDocument.run(revision, documentId, seen);
      this.#statements.rebaseRemoval.run(revision, documentId, seen);
    });
  }

  override async revisions(after: string, limit: number): Promise<IndexedRevision[]> {
    return this.#statements.revisions.all(after, limit).map((row) => ({ ...row }) as unknown as IndexedRevision);
  }

  override async count(): Promise<number> {
    return Number(this.#statements.count.get()?.['documents']);
  }

  override async countPicturePages(): Promise<number> {
    return Number(this.#statements.pictures.get()?.['pages'] ?? 0);
  }

  override async problem(): Promise<string | null> {
    return this.#model.db.isOpen && this.#statements.count.get() ? null : 'the search index is closed';
  }

  override async close(): Promise<void> {
    this.#model.close();
  }

  #latest(documentId: string): number {
    return Number(this.#statements.known.get(documentId)?.['revision'] ?? this.#removedAt(documentId) ?? -1);
  }

  #removedAt(documentId: string): number | undefined {
    return this.#statements.removal.get(documentId)?.['revision'] as number | undefined;
  }

  #forget(documentId: string): void {
    this.#statements.deleteText.run(documentId);
    this.#statements.deletePassages.run(documentId);
    this.#statements.deleteConcordance.run(documentId);
    this.#statements.deleteSpellings.run(documentId);
    this.#statements.deleteDocument.run(documentId);
    this.#statements.deleteRemoval.run(documentId);
  }
}

const SQL = {
  known: `SELECT revision, source, words, problem, indexed_at_ms AS indexedAtMs
          FROM documents WHERE document_id = ?`,
  report: `SELECT document_id AS documentId, media_type AS mediaType, metadata, origins, pages, words, problem,
                  picture_pages AS picturePages, problem_code AS problemCode,
                  sidecar_problem AS sidecarProblem, indexed_at_ms AS indexedAtMs
           FROM documents WHERE document_id = ?`,
  removal: 'SELECT revision FROM removals WHERE document_id = ?',
  addDocument: `INSERT INTO documents
                (document_id, name, source, size_bytes, media_type, language, year, sort_title, is_public, collections, revision,
                 indexed_at_ms, pages, picture_pages, words, problem, problem_code, metadata, origins, sidecar_problem)
                VALUES (:documentId, :name, :source, :sizeBytes, :mediaType, :language, :year, :sortTitle, :isPublic, :collections,
                        :revision, :indexedAtMs, :pages, :picturePages, :words, :problem, :problemCode, :metadata, :origins,
                        :sidecarProblem)`,
  addText: `INSERT INTO texts (rowid, name, title, creators, subjects, body)
            VALUES (:id, :name, :title, :creators, :subjects, :body)`,
  addPassage: 'INSERT INTO passages (id, number, page, chapter, passage) VALUES (?, ?, ?, ?, ?)',
  addConcordance: 'INSERT INTO concordances (id, words) VALUES (?, ?)',
  addRemoval: 'INSERT INTO removals (document_id, revision) VALUES (?, ?)',
  confirm: `UPDATE documents SET revision = :revision, is_public = :isPublic, collections = :collections, source = :source
            WHERE document_id = :documentId AND revision < :revision`,
  hide: 'UPDATE documents SET is_public = 0 WHERE document_id = ? AND revision < ?',
  deleteText: 'DELETE FROM texts WHERE rowid = (SELECT id FROM documents WHERE document_id = ?)',
  deletePassages: 'DELETE FROM passages WHERE id = (SELECT id FROM documents WHERE document_id = ?)',
  deleteConcordance: 'DELETE FROM concordances WHERE id = (SELECT id FROM documents WHERE document_id = ?)',
  deleteSpellings: 'DELETE FROM spellings WHERE rowid = (SELECT id FROM documents WHERE document_id = ?)',
  deleteDocument: 'DELETE FROM documents WHERE document_id = ?',
  deleteRemoval: 'DELETE FROM removals WHERE document_id = ?',
  rebaseDocument: 'UPDATE documents SET revision = ? WHERE document_id = ? AND revision = ?',
  rebaseRemoval: 'UPDATE removals SET revision = ? WHERE document_id = ? AND revision = ?',
  revisions: `SELECT document_id AS documentId, revision, problem_code AS problemCode, picture_pages AS picturePages
              FROM documents INDEXED BY documents_by_revision
              WHERE document_id > ? ORDER BY document_id LIMIT ?`,
  count: 'SELECT count(*) AS documents FROM documents',
  pictures: 'SELECT sum(picture_pages) AS pages FROM documents WHERE picture_pages > 0',
} as const;
