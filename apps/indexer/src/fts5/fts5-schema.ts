import type { ReadModel } from '@allibrary/platform';
import { VOCABULARY_SCHEMA } from './vocabulary.ts';

/** Weights of the columns of `texts`, in their order: a match in the title counts more than one in the body. */
export const WEIGHTS = { name: 8, title: 10, creators: 6, subjects: 3, body: 1 } as const;

/** Raised when the tables change. An index of another layout can't be read. */
const LAYOUT = 9;
/** Raised when text extraction or folding changes. The index is rebuilt then, and the previous one serves searches until it is complete. */
const READING = 2;
const READINGS = 1_000;

/** Whether an index of this version can serve searches. */
export const canAnswer = (version: number): boolean => Math.floor(version / READINGS) === LAYOUT;

/** Covers the query for pages of revisions, which the comparison with the catalog reads. */
const INDEX_BY_CODE = 'CREATE INDEX documents_by_code ON documents (document_id, revision, problem_code)';

/**
 * The read model of the embedded engine. The bodies lie beside the index in passages, because FTS5's own `snippet()` took
 * 1.4 s to find a place for the word "the" in one manual, and grows with the square of its occurrences. They are compressed
 * with Zstandard. The index gets texts that are folded already, so its tokenizer folds nothing.
 */
export const FTS5_SCHEMA = {
  version: LAYOUT * READINGS + READING,
  schema: `
    CREATE TABLE documents (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      document_id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      size_bytes INTEGER NOT NULL,
      media_type TEXT NOT NULL,
      language TEXT,
      year INTEGER,
      sort_title TEXT NOT NULL,
      is_public INTEGER NOT NULL,
      collections TEXT NOT NULL,
      revision INTEGER NOT NULL,
      indexed_at_ms REAL NOT NULL,
      pages INTEGER,
      words INTEGER NOT NULL,
      problem TEXT,
      problem_code TEXT,
      metadata TEXT NOT NULL,
      origins TEXT NOT NULL,
      sidecar_problem TEXT
    ) STRICT;
    ${INDEX_BY_CODE};
    CREATE TABLE removals (document_id TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE passages (
      id INTEGER NOT NULL REFERENCES documents (id),
      number INTEGER NOT NULL,
      page INTEGER,
      chapter TEXT,
      passage BLOB NOT NULL,
      PRIMARY KEY (id, number)
    ) STRICT;
    CREATE VIRTUAL TABLE texts USING fts5(
      ${Object.keys(WEIGHTS).join(', ')}, content = '', contentless_delete = 1,
      tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
    );
    ${VOCABULARY_SCHEMA}
  `,
} as const;

/** Adds the codes of problems to an index of a version that knew their sentences only. */
export function addProblemCodes(model: ReadModel): void {
  const columns = model.db.prepare('PRAGMA table_info(documents)').all();
  if (columns.some(({ name }) => name === 'problem_code')) return;
  model.transaction(() => {
    model.db.exec(`
      ALTER TABLE documents ADD COLUMN problem_code TEXT;
      UPDATE documents SET problem_code = iif(problem LIKE '%OCR is off', 'ocr-off', 'unreadable')
      WHERE problem IS NOT NULL;
      DROP INDEX documents_by_revision;
      ${INDEX_BY_CODE};
    `);
  });
}
