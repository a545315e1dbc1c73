import type { DocumentMetadata, DocumentReport, SearchHit } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import { searchableName } from './domain/name-words.ts';
import type { KnownDocument } from './domain/next-step.ts';
import { type Passage, passagesOf } from './domain/passages.ts';
import { parseQuery, soughtWords, toMatchExpression } from './domain/query.ts';
import { snippetOf } from './domain/snippet.ts';
import { searchable } from './domain/words.ts';
import { type IndexableDocument, SearchIndex, type SearchScope } from './search-index.ts';

/** FTS5 scores every match; of a very common word only so many are ranked, the newest documents. */
const MAX_RANKED = 5_000;
/** Of the columns of `texts`, in their order: a word of the title says more of a document than one somewhere in it. */
const WEIGHTS = { name: 8, title: 10, creators: 6, subjects: 3, body: 1 } as const;

/**
 * The read model that {@link Fts5Index} works on. The bodies lie beside the index in passages, because FTS5's own
 * `snippet()` took 1.4 s to find a place for the word "the" in one manual, and grows with the square of its occurrences.
 */
export const FTS5_SCHEMA = {
  version: 5,
  schema: `
    CREATE TABLE documents (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      document_id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      size_bytes INTEGER NOT NULL,
      media_type TEXT NOT NULL,
      metadata TEXT NOT NULL,
      pages INTEGER,
      words INTEGER NOT NULL,
      problem TEXT,
      is_public INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      indexed_at_ms REAL NOT NULL
    ) STRICT;
    CREATE TABLE removals (document_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE passages (
      id INTEGER NOT NULL REFERENCES documents (id),
      number INTEGER NOT NULL,
      page INTEGER,
      chapter TEXT,
      passage TEXT NOT NULL,
      PRIMARY KEY (id, number)
    ) STRICT;
    CREATE VIRTUAL TABLE texts USING fts5(
      ${Object.keys(WEIGHTS).join(', ')}, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
    );
  `,
} as const;

type Statement = ReturnType<ReadModel['db']['prepare']>;

/** The embedded engine: SQLite's FTS5, in the service's own read model. */
export class Fts5Index extends SearchIndex {
  readonly #model: ReadModel;
  readonly #statements: Record<keyof typeof SQL, Statement>;

  constructor(model: ReadModel) {
    super();
    this.#model = model;
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, model.db.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof SQL, Statement>;
  }

  override async find(documentId: string): Promise<KnownDocument | null> {
    const row = this.#statements.known.get(documentId);
    if (row) return { state: 'indexed', ...row } as KnownDocument;
    const sequence = this.#removedAt(documentId);
    return sequence === undefined ? null : { state: 'removed', sequence };
  }

  override async upsert(document: IndexableDocument, sequence: number): Promise<boolean> {
    return this.#model.transaction(() => {
      const { documentId, name, sizeBytes, mediaType, metadata, words, problem, isPublic, indexedAtMs } = document;
      if (this.#latest(documentId) >= sequence) return false;
      this.#forget(documentId);
      const { text, divisions } = document;
      const { lastInsertRowid: id } = this.#statements.addDocument.run({
        ...{ documentId, name, sizeBytes, mediaType, words, problem, sequence, indexedAtMs },
        isPublic: Number(isPublic),
        metadata: JSON.stringify(metadata),
        pages: divisions.at(-1)?.page ?? null,
      });
      this.#statements.addText.run({ id, ...searchableFields(document) });
      let number = 0;
      for (const { page, chapter, text: passage } of passagesOf({ text, divisions })) {
        this.#statements.addPassage.run(id, number++, page, chapter, passage);
      }
      return true;
    });
  }

  override async confirm(
    { documentId, isPublic }: Pick<IndexableDocument, 'documentId' | 'isPublic'>,
    sequence: number,
  ): Promise<void> {
    this.#statements.confirm.run(sequence, Number(isPublic), documentId, sequence);
  }

  override async remove(documentId: string, sequence: number): Promise<void> {
    this.#model.transaction(() => {
      if (this.#latest(documentId) >= sequence) return;
      this.#forget(documentId);
      this.#statements.addRemoval.run(documentId, sequence);
    });
  }

  override async search(text: string, limit: number, scope: SearchScope): Promise<SearchHit[]> {
    const query = parseQuery(text);
    if (!query) return [];
    const sought = soughtWords(query);
    return this.#statements.search
      .all(toMatchExpression(query), Number(scope === 'public'), limit)
      .map(({ id, metadata, ...row }) => {
        const { title, creators, year } = JSON.parse(metadata as string) as DocumentMetadata;
        const snippet = snippetOf(this.#passages(id as number), sought);
        return {
          ...row,
          title,
          creators,
          year,
          snippet: snippet?.text ?? null,
          place: snippet?.place ?? null,
        } as SearchHit;
      });
  }

  override async report(documentId: string): Promise<DocumentReport | null> {
    const row = this.#statements.report.get(documentId);
    return row ? ({ ...row, metadata: JSON.parse(row['metadata'] as string) as unknown } as DocumentReport) : null;
  }

  override async count(): Promise<number> {
    return Number(this.#statements.count.get()?.['documents']);
  }

  override async problem(): Promise<string | null> {
    return this.#model.db.isOpen && this.#statements.count.get() ? null : 'the search index is closed';
  }

  *#passages(id: number): Generator<Passage> {
    for (const row of this.#statements.passages.iterate(id)) yield row as unknown as Passage;
  }

  #latest(documentId: string): number {
    return Number(this.#statements.known.get(documentId)?.['sequence'] ?? this.#removedAt(documentId) ?? -1);
  }

  #removedAt(documentId: string): number | undefined {
    return this.#statements.removal.get(documentId)?.['sequence'] as number | undefined;
  }

  #forget(documentId: string): void {
    this.#statements.deleteText.run(documentId);
    this.#statements.deletePassages.run(documentId);
    this.#statements.deleteDocument.run(documentId);
    this.#statements.deleteRemoval.run(documentId);
  }
}

/** What a document is found by, as it is indexed. */
function searchableFields({ name, text, metadata }: IndexableDocument): Record<keyof typeof WEIGHTS, string> {
  const { title, creators, publisher, subjects, identifiers } = metadata;
  return {
    name: searchable(searchableName(name)),
    title: searchable(title ?? ''),
    creators: searchable(creators.join('\n')),
    subjects: searchable([...subjects, publisher ?? '', ...identifiers.map(({ value }) => value)].join('\n')),
    body: searchable(text),
  };
}

const SQL = {
  known: `SELECT sequence, name, media_type AS mediaType, words, problem, indexed_at_ms AS indexedAtMs
          FROM documents WHERE document_id = ?`,
  report: `SELECT document_id AS documentId, media_type AS mediaType, metadata, pages, words, problem,
                  indexed_at_ms AS indexedAtMs
           FROM documents WHERE document_id = ?`,
  removal: 'SELECT sequence FROM removals WHERE document_id = ?',
  addDocument: `INSERT INTO documents
                (document_id, name, size_bytes, media_type, metadata, pages, words, problem, is_public, sequence, indexed_at_ms)
                VALUES (:documentId, :name, :sizeBytes, :mediaType, :metadata, :pages, :words, :problem, :isPublic,
                        :sequence, :indexedAtMs)`,
  addText: `INSERT INTO texts (rowid, name, title, creators, subjects, body)
            VALUES (:id, :name, :title, :creators, :subjects, :body)`,
  addPassage: 'INSERT INTO passages (id, number, page, chapter, passage) VALUES (?, ?, ?, ?, ?)',
  addRemoval: 'INSERT INTO removals (document_id, sequence) VALUES (?, ?)',
  confirm: 'UPDATE documents SET sequence = ?, is_public = ? WHERE document_id = ? AND sequence < ?',
  deleteText: 'DELETE FROM texts WHERE rowid = (SELECT id FROM documents WHERE document_id = ?)',
  deletePassages: 'DELETE FROM passages WHERE id = (SELECT id FROM documents WHERE document_id = ?)',
  deleteDocument: 'DELETE FROM documents WHERE document_id = ?',
  deleteRemoval: 'DELETE FROM removals WHERE document_id = ?',
  count: 'SELECT count(*) AS documents FROM documents',
  search: `WITH ranked AS MATERIALIZED (
             SELECT rowid AS id, -bm25(texts, ${Object.values(WEIGHTS).join(', ')}) AS score
             FROM texts WHERE texts MATCH ? ORDER BY rowid DESC LIMIT ${MAX_RANKED}
           )
           SELECT id, document_id AS documentId, name, size_bytes AS sizeBytes, media_type AS mediaType, metadata,
                  score
           FROM ranked JOIN documents USING (id) WHERE is_public >= ? ORDER BY score DESC, id LIMIT ?`,
  passages: 'SELECT page, chapter, passage AS text FROM passages WHERE id = ? ORDER BY number',
} as const;
