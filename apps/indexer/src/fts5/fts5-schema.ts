import { SPELLINGS_SCHEMA } from './spelling-ranks.ts';
import { VOCABULARY_SCHEMA } from './vocabulary.ts';

/** Weights of the columns of `texts`, in their order: a match in the title counts more than one in the body. */
export const WEIGHTS = { name: 8, title: 10, creators: 6, subjects: 3, body: 1 } as const;

/** Raised when the tables change. An index of another layout can't be read. */
const LAYOUT = 11;
/** Raised when text extraction or folding changes. The index is rebuilt then, and the previous one serves searches until it is complete. */
const READING = 3;
const READINGS = 1_000;

/** Whether an index of this version can serve searches. */
export const canAnswer = (version: number): boolean => Math.floor(version / READINGS) === LAYOUT;

/**
 * Tables that an index of an earlier reading may lack. They are created empty there. Until it is rebuilt, the passages of its
 * long texts are read from the beginning, and its documents have no spellings to rank by.
 */
export const ADDED_TABLES = `
  CREATE TABLE IF NOT EXISTS concordances (id INTEGER PRIMARY KEY, words BLOB NOT NULL) STRICT;
  ${SPELLINGS_SCHEMA}
`;

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
      source TEXT NOT NULL,
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
      picture_pages INTEGER NOT NULL,
      words INTEGER NOT NULL,
      problem TEXT,
      problem_code TEXT,
      metadata TEXT NOT NULL,
      origins TEXT NOT NULL,
      sidecar_problem TEXT
    ) STRICT;
    CREATE INDEX documents_by_revision ON documents (document_id, revision, problem_code, picture_pages);
    CREATE INDEX documents_by_picture_pages ON documents (picture_pages) WHERE picture_pages > 0;
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
    ${ADDED_TABLES}
  `,
} as const;
