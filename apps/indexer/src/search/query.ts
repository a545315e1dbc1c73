import { wordsOf } from '../extraction/text/words.ts';

/** More words than this make a search slower, not better. */
const MAX_WORDS = 32;

/** A prefix of one letter matches half the dictionary. */
const MIN_PREFIX_CHARACTERS = 2;

/** Quotation marks of several languages, which a phone or a word processor puts in by itself. */
const QUOTES = /[\u201C\u201D\u201E\u00AB\u00BB]/gu;
/** A quoted phrase or a word; a minus sign before either excludes it. */
const TERM = /(?<minus>(?<!\S)-)?(?:"(?<quoted>[^"]*)"|(?<bare>\S+))/gu;

/** Words that must be adjacent: a single one, the parts of a word (`don't`, `annual_report`), or a quoted phrase. */
export interface Phrase {
  readonly words: readonly string[];
  /** As it was typed, without its quotation marks. */
  readonly text: string;
  /** Whether it must match exactly. */
  readonly isQuoted: boolean;
}

/** For words that may be mistyped: what else they may mean. */
export type Meanings = ReadonlyMap<string, readonly string[]>;

const AS_TYPED: Meanings = new Map();

/** What a user looks for: all of these phrases. */
export interface Query {
  readonly phrases: readonly Phrase[];
  /** None of these may be there. */
  readonly excluded: readonly Phrase[];
  /** Whether the last word may be the beginning of a longer one. */
  readonly isUnfinished: boolean;
}

/** A word that was looked for. */
export interface SoughtWord {
  /** As it was typed, then what else it may mean. */
  readonly texts: readonly [string, ...string[]];
  readonly isPrefix: boolean;
}

/** Reads what a user typed; null when it names no word to look for. No sign but quotation marks and minus has a meaning. */
export function parseQuery(text: string): Query | null {
  const terms = [...text.replaceAll(QUOTES, '"').matchAll(TERM)]
    .map(({ groups: { minus, quoted, bare } = {} }) => ({
      words: wordsOf(quoted ?? bare ?? ''),
      text: quoted ?? bare ?? '',
      isExcluded: minus !== undefined,
      isQuoted: quoted !== undefined,
    }))
    .filter(({ words }) => words.length > 0)
    .slice(0, MAX_WORDS);
  const phrases = terms.filter(({ isExcluded }) => !isExcluded);
  if (phrases.length === 0) return null;
  const excluded = terms.filter(({ isExcluded }) => isExcluded);
  const last = terms.at(-1);
  const lastWord = last && !last.isExcluded && !last.isQuoted ? (last.words.at(-1) ?? '') : '';
  return { phrases, excluded, isUnfinished: [...lastWord].length >= MIN_PREFIX_CHARACTERS };
}

/** Returns the words of a query that may be mistyped: the single ones. */
export const mistypable = ({ phrases }: Query): string[] =>
  phrases.filter(({ words, isQuoted }) => words.length === 1 && !isQuoted).flatMap(({ words }) => words);

/** The FTS5 expression of a query: everything in quotes, so that nothing in it is an operator but ours. */
export function toMatchExpression({ phrases, excluded, isUnfinished }: Query, meanings = AS_TYPED): string {
  const last = phrases.length - 1;
  const wanted = phrases.map(({ words }, at) => {
    const typed = quote(words) + (isUnfinished && at === last ? '*' : '');
    const others = (words.length === 1 && meanings.get(words[0] ?? '')) || [];
    return others.length === 0 ? typed : `(${[typed, ...others.map((word) => quote([word]))].join(' OR ')})`;
  });
  return [wanted.join(' AND '), ...excluded.map(({ words }) => quote(words))].join(' NOT ');
}

const quote = (words: readonly string[]): string => `"${words.join(' ')}"`;

/** The words of a query, as they are looked for in a text. */
export function soughtWords({ phrases, isUnfinished }: Query, meanings = AS_TYPED): SoughtWord[] {
  const words = phrases.flatMap((phrase) => phrase.words);
  const last = words.length - 1;
  return words.map((word, at) => ({
    texts: [word, ...(meanings.get(word) ?? [])],
    isPrefix: isUnfinished && at === last,
  }));
}
