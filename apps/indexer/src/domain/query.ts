import { wordsOf } from './words.ts';

/** More words than this make a search slower, not better. */
const MAX_WORDS = 32;

/** A prefix of one letter matches half the dictionary. */
const MIN_PREFIX_CHARACTERS = 2;

/** Quotation marks of several languages, which a phone or a word processor puts in by itself. */
const QUOTES = /[\u201C\u201D\u201E\u00AB\u00BB]/gu;
/** What stands in quotation marks, else what stands between blanks; a minus sign before either leaves it out. */
const TERM = /(?<minus>(?<!\S)-)?(?:"(?<quoted>[^"]*)"|(?<bare>\S+))/gu;

/** Words that must stand side by side: one, those between the signs of a word (`don't`, `annual_report`), a quoted phrase. */
type Phrase = readonly string[];

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
  readonly text: string;
  readonly isPrefix: boolean;
}

/** Reads what a user typed; null when it names no word to look for. No sign but quotation marks and minus has a meaning. */
export function parseQuery(text: string): Query | null {
  const terms = [...text.replaceAll(QUOTES, '"').matchAll(TERM)]
    .map(({ groups: { minus, quoted, bare } = {} }) => ({
      phrase: wordsOf(quoted ?? bare ?? ''),
      isExcluded: minus !== undefined,
      isQuoted: quoted !== undefined,
    }))
    .filter(({ phrase }) => phrase.length > 0)
    .slice(0, MAX_WORDS);
  const phrases = terms.filter(({ isExcluded }) => !isExcluded).map(({ phrase }) => phrase);
  if (phrases.length === 0) return null;
  const excluded = terms.filter(({ isExcluded }) => isExcluded).map(({ phrase }) => phrase);
  const last = terms.at(-1);
  const lastWord = last && !last.isExcluded && !last.isQuoted ? (last.phrase.at(-1) ?? '') : '';
  return { phrases, excluded, isUnfinished: [...lastWord].length >= MIN_PREFIX_CHARACTERS };
}

/** The FTS5 expression of a query: everything in quotes, so that nothing in it is an operator but ours. */
export function toMatchExpression({ phrases, excluded, isUnfinished }: Query): string {
  const wanted = phrases.map(quote).join(' AND ') + (isUnfinished ? '*' : '');
  return [wanted, ...excluded.map(quote)].join(' NOT ');
}

const quote = (phrase: Phrase): string => `"${phrase.join(' ')}"`;

/** The words of a query, as they are looked for in a text. */
export function soughtWords({ phrases, isUnfinished }: Query): SoughtWord[] {
  const words = phrases.flat();
  const last = words.length - 1;
  return words.map((text, at) => ({ text, isPrefix: isUnfinished && at === last }));
}
