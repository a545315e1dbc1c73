import type { ReadModel } from '@allibrary/platform';
import { endsOf, canBeMeant, typosAllowedIn, typosBetween } from '../search/typos.ts';

/** With more neighbours than this a word is no useful correction. */
const MAX_SIMILAR = 20;

/** The tables of {@link Vocabulary}: each word, and the same backwards, so that both a beginning and an end find it. */
export const VOCABULARY_SCHEMA = `
  CREATE TABLE words (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE backwards (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

/** The words of all documents, for those who mistype one. Words of documents that are gone stay until the next rebuild. */
export class Vocabulary {
  readonly #add;
  readonly #addBackwards;
  readonly #alike;
  readonly #known;

  constructor({ db }: ReadModel) {
    this.#add = db.prepare('INSERT OR IGNORE INTO words SELECT value FROM json_each(?) RETURNING word');
    this.#addBackwards = db.prepare('INSERT OR IGNORE INTO backwards SELECT value FROM json_each(?)');
    this.#alike = {
      words: db.prepare(alike('words')),
      backwards: db.prepare(alike('backwards')),
    };
    this.#known = db.prepare('SELECT 1 FROM words WHERE word = ?');
  }

  /** Adds folded words. */
  add(words: Iterable<string>): void {
    const meant = [...words].filter(canBeMeant);
    const fresh = this.#add.all(JSON.stringify(meant)).map((row) => reversed(String(row['word'])));
    if (fresh.length > 0) this.#addBackwards.run(JSON.stringify(fresh));
  }

  /** Whether a document has, or had, a folded word. */
  has(word: string): boolean {
    return this.#known.get(word) !== undefined;
  }

  /** Returns the words within a number of typos of a folded word, the closest first; without the word itself. */
  similarTo(word: string, most: 1 | 2): string[] {
    const ofItsLength = typosAllowedIn(word);
    const allowed = ofItsLength < most ? ofItsLength : most;
    if (allowed === 0) return [];
    const { start, end } = endsOf(word, allowed);
    const lengths = [word.length - allowed, word.length + allowed] as const;
    const found = new Set([
      ...this.#alike.words.all(start, start, ...lengths).map((row) => String(row['word'])),
      ...this.#alike.backwards
        .all(reversed(end), reversed(end), ...lengths)
        .map((row) => reversed(String(row['word']))),
    ]);
    return [...found]
      .map((each) => ({ word: each, typos: typosBetween(word, each) }))
      .filter(({ typos }) => typos > 0 && typos <= allowed)
      .toSorted((a, b) => a.typos - b.typos)
      .slice(0, MAX_SIMILAR)
      .map((each) => each.word);
  }
}

const LAST_CHARACTER = 0x10_ff_ff;
const alike = (table: string): string =>
  `SELECT word FROM ${table} WHERE word >= ? AND word < ? || char(${LAST_CHARACTER}) AND length(word) BETWEEN ? AND ?`;

const reversed = (word: string): string => [...word].reverse().join('');
