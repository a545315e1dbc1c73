import type { ReadModel } from '@allibrary/platform';
import { wordsOf } from '../extraction/text/words.ts';
import { writtenForm } from '../search/spellings.ts';
import type { Phrase, Query } from '../search/query.ts';

/** Factor of a document's score for each word that it has only in another spelling than was typed. */
const OTHER_SPELLING = 0.7;
/** Number of words of a query that are compared by spelling. */
const MAX_WORDS = 4;
/** Number of other spellings that a word is compared with. */
const MAX_VARIANTS = 40;

/** Tables of spellings, without rows for the documents of an index of an earlier version. */
export const SPELLINGS_SCHEMA = `
  CREATE VIRTUAL TABLE IF NOT EXISTS spellings USING fts5(
    spelling, content = '', contentless_delete = 1, detail = none,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
  );
  CREATE TABLE IF NOT EXISTS variants (
    folded TEXT NOT NULL, written TEXT NOT NULL, PRIMARY KEY (folded, written)
  ) STRICT, WITHOUT ROWID;
`;

/** A document with its score. */
export interface Ranked {
  readonly id: number;
  readonly score: number;
}

/** Ranks documents with the words as typed before those with another spelling. */
export class SpellingRanks {
  readonly #model: ReadModel;

  constructor(model: ReadModel) {
    this.#model = model;
  }

  /** Stores the spellings of a document. */
  add(id: number | bigint, spellings: readonly string[], variants: ReadonlyMap<string, ReadonlySet<string>>): void {
    if (spellings.length === 0) return;
    this.#model
      .prepare('INSERT INTO spellings (rowid, spelling) VALUES (?, ?)')
      .run(id, spellings.map(tokenOf).join(' '));
    const rows = [...variants].flatMap(([folded, written]) => [...written].map((each) => [folded, each]));
    this.#model
      .prepare(`INSERT OR IGNORE INTO variants SELECT value ->> 0, value ->> 1 FROM json_each(?)`)
      .run(JSON.stringify(rows));
  }

  /** Returns the documents with lower scores for other spellings. */
  rank(documents: readonly Ranked[], { phrases, isUnfinished }: Query): Ranked[] {
    const first = documents.reduce((least, { id }) => Math.min(least, id), Number.MAX_SAFE_INTEGER);
    const factors = new Map<number, number>();
    for (const [at, phrase] of phrases.entries()) {
      const word = at < MAX_WORDS ? comparableWord(phrase) : null;
      if (word === null) continue;
      const isOther = this.#otherSpellingOf(word, isUnfinished && at === phrases.length - 1, first);
      if (!isOther) continue;
      for (const { id } of documents) if (isOther(id)) factors.set(id, (factors.get(id) ?? 1) * OTHER_SPELLING);
    }
    return documents.map(({ id, score }) => ({ id, score: score * (factors.get(id) ?? 1) }));
  }

  /** Returns which documents have a word only in another spelling; null when none can. */
  #otherSpellingOf(word: Word, isPrefix: boolean, first: number): ((id: number) => boolean) | null {
    const asTyped = this.#documentsWith([word.written], isPrefix && word.written !== word.folded, first);
    if (word.written !== word.folded) return (id) => !asTyped.has(id);
    const variants = this.#model.prepare('SELECT written FROM variants WHERE folded = ? LIMIT ?');
    const written = variants.all(word.folded, MAX_VARIANTS).map((row) => String(row['written']));
    if (written.length === 0) return null;
    const others = this.#documentsWith(written, false, first);
    return (id) => others.has(id) && !asTyped.has(id);
  }

  #documentsWith(spellings: readonly string[], isPrefix: boolean, first: number): Set<number> {
    const match = spellings.map((each) => `"${tokenOf(each)}"${isPrefix ? '*' : ''}`).join(' OR ');
    const rows = this.#model.prepare('SELECT rowid FROM spellings WHERE spellings MATCH ? AND rowid >= ?');
    return new Set(rows.all(match, first).map((row) => Number(row['rowid'])));
  }
}

/** A spelling as one token, whatever SQLite's tokenizer makes of its letters and joiners; a prefix of it stays a prefix. */
const tokenOf = (spelling: string): string => Buffer.from(spelling).toString('hex');

interface Word {
  readonly folded: string;
  readonly written: string;
}

/** A phrase of one word; a phrase of several is compared by its folded words alone. */
function comparableWord({ words, others, text }: Phrase): Word | null {
  const [folded = ''] = words;
  const written = writtenForm(text.trim()).replaceAll(/^[^\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}]+$/gu, '');
  return words.length === 1 && others.length === 0 && wordsOf(written).join('') === folded && !/["\s]/u.test(written)
    ? { folded, written }
    : null;
}
