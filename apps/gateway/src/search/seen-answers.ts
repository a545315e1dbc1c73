import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SearchRequest } from '@allibrary/contracts';
import { type ReadModel, openReadModel } from '@allibrary/platform';
import type { NetworkAnswer } from './search-progress.ts';

const MAX_ANSWERS = 1_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_AGE_MS = 7 * 24 * 60 * 60_000;

const VERSION = 1;
const SCHEMA = `
  CREATE TABLE answers (question TEXT PRIMARY KEY, asked_at_ms REAL NOT NULL, answer BLOB NOT NULL) STRICT;
  CREATE INDEX answers_by_age ON answers (asked_at_ms);
`;

/** The network's answers to the latest questions, in a file of bounded size that may be deleted at any time. */
export class SeenAnswers {
  readonly #model: ReadModel;

  constructor(
    file: string,
    private readonly now: () => number,
  ) {
    this.#model = openReadModel({ file, version: VERSION, schema: SCHEMA });
  }

  /** Returns the latest answer to a question; null when there is none, or it is too old. */
  find(question: SearchRequest): NetworkAnswer | null {
    const statement = this.#model.prepare('SELECT answer FROM answers WHERE question = ? AND asked_at_ms > ?');
    const row = statement.get(keyOf(question), this.now() - MAX_AGE_MS);
    return row ? (JSON.parse(zstdDecompressSync(row['answer'] as Uint8Array).toString()) as NetworkAnswer) : null;
  }

  /** Stores the answer to a question in place of the previous one; does not store one that is too large. */
  keep(question: SearchRequest, answer: NetworkAnswer): void {
    const bytes = zstdCompressSync(JSON.stringify(answer));
    if (bytes.length > MAX_ANSWER_BYTES) return;
    this.#model.transaction(() => {
      this.#model
        .prepare('INSERT OR REPLACE INTO answers (question, asked_at_ms, answer) VALUES (?, ?, ?)')
        .run(keyOf(question), answer.askedAtMs, bytes);
      this.#model.prepare('DELETE FROM answers WHERE asked_at_ms <= ?').run(this.now() - MAX_AGE_MS);
      this.#model.prepare(PRUNE).run(MAX_ANSWERS, MAX_BYTES);
    });
  }

  close(): void {
    this.#model.close();
  }
}

/** A hash: the file must not reveal what was searched for. */
function keyOf({ text, filters, order }: SearchRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([text, filters, order]))
    .digest('hex');
}

const PRUNE = `
  DELETE FROM answers WHERE question IN (
    SELECT question FROM (
      SELECT question, row_number() OVER newest AS number, sum(length(answer)) OVER newest AS bytes FROM answers
      WINDOW newest AS (ORDER BY asked_at_ms DESC, question)
    ) WHERE number > ? OR bytes > ?)`;
