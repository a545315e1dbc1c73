/** FTS5 as it comes: the default tokenizer, two columns, `bm25()` with its default weights. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** An index of names and plain texts. */
export class PlainIndex {
  readonly #database = new DatabaseSync(':memory:');
  readonly #search: StatementSync;

  constructor(texts: ReadonlyMap<string, string>) {
    this.#database.exec('CREATE VIRTUAL TABLE documents USING fts5(name, body); BEGIN');
    const insert = this.#database.prepare('INSERT INTO documents (name, body) VALUES (?, ?)');
    for (const [name, text] of texts) insert.run(name, text);
    this.#database.exec('COMMIT');
    this.#search = this.#database.prepare(
      'SELECT name FROM documents WHERE documents MATCH ? ORDER BY bm25(documents) LIMIT ?',
    );
  }

  /** The names of the best documents with all words and phrases of a question, or with any of them. */
  search(text: string, limit: number, operator: 'AND' | 'OR'): string[] {
    const terms = text.match(/"[^"]*"|\S+/gu) ?? [];
    const expression = terms.map((term) => `"${term.replaceAll('"', '')}"`).join(` ${operator} `);
    return this.#search.all(expression, limit).map((row) => String(row['name']));
  }

  close(): void {
    this.#database.close();
  }
}
