import { WORD, fold } from './words.ts';

/** More words than this make a search slower, not better. */
const MAX_WORDS = 32;

/** A prefix of one letter matches half the dictionary. */
const MIN_PREFIX_CHARACTERS = 2;

/** What a user looks for: all of these words. */
export interface Query {
  /** Each word with its parts: one, or those between the signs in it (`don't`, `annual_report`). */
  readonly words: ReadonlyArray<readonly string[]>;
  /** Whether the last word may be the beginning of a longer one. */
  readonly isUnfinished: boolean;
}

/** A part of a word that was looked for, folded. */
export interface SoughtWord {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** Reads what a user typed; null when there is no word in it. Nothing in it is an operator. */
export function parseQuery(text: string): Query | null {
  const words = text
    .split(/\s+/u)
    .map((word) => word.match(WORD) ?? [])
    .filter((parts) => parts.length > 0)
    .slice(0, MAX_WORDS);
  const last = words.at(-1)?.at(-1);
  return last === undefined ? null : { words, isUnfinished: [...last].length >= MIN_PREFIX_CHARACTERS };
}

/** The FTS5 expression of a query: every word in quotes, those of several parts as phrases. */
export function toMatchExpression({ words, isUnfinished }: Query): string {
  return words.map((parts) => `"${parts.join(' ')}"`).join(' AND ') + (isUnfinished ? '*' : '');
}

/** The words of a query, as they are looked for in a text. */
export function soughtWords({ words, isUnfinished }: Query): SoughtWord[] {
  const parts = words.flat().map(fold);
  const last = parts.length - 1;
  return parts.map((text, at) => ({ text, isPrefix: isUnfinished && at === last })).filter(({ text }) => text !== '');
}
