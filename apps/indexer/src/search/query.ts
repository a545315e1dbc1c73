import { LETTER_APOSTROPHES } from '../extraction/text/letters.ts';
import { fold, wordsOf } from '../extraction/text/words.ts';
import { identifiersIn } from './identifiers.ts';

/** More words than this make a search slower, not better. */
const MAX_WORDS = 32;

/** A prefix of one letter matches half the dictionary. */
const MIN_PREFIX_CHARACTERS = 2;

/** Quotation marks of several languages, which a phone or a word processor puts in by itself. */
const QUOTES = /[\u201C\u201D\u201E\u00AB\u00BB]/gu;
/** A quoted phrase or a word; a minus sign before either excludes it. */
const TERM = /(?<minus>(?<!\S)-)?(?:"(?<quoted>[^"]*)"|(?<bare>\S+))/gu;

const MINUS_AT_END = /(?<!\S)-$/u;

/** Apostrophes within a word, those that are letters too, and the sign that parts Persian words without a blank. */
const INNER_SIGN = new RegExp(
  String.raw`(?<=\p{L}\p{M}*)['\u2018\u2019\u201B\u2032\u00B4\u0060\u055A\u05F3\uFF07${LETTER_APOSTROPHES}](?=\p{L})|(?<=\p{sc=Arab}\p{M}*)\u200C(?=\p{sc=Arab})`,
  'gu',
);

/** Words that must be adjacent: a single one, the parts of a word (`don't`, `annual_report`), or a quoted phrase. */
export interface Phrase {
  readonly words: readonly string[];
  /** Other ways to write it: `quran` for `qur'an`, or an ISBN or DOI as it was typed. */
  readonly others: readonly (readonly string[])[];
  /** As it was typed, without its quotation marks. */
  readonly text: string;
  /** Whether it must match exactly. */
  readonly isQuoted: boolean;
}

/** A phrase of a query, wanted or excluded. */
interface Term extends Phrase {
  readonly isExcluded: boolean;
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

/** One way to write a phrase: words side by side. */
export interface Spelling {
  readonly words: readonly string[];
  /** Whether the last word may be the beginning of a longer one. */
  readonly isPrefix: boolean;
}

/** A phrase of a query, as it is looked for in a text: in any of its spellings, the first as it was typed. */
export type SoughtPhrase = readonly Spelling[];

/** Reads what a user typed; null when it names no word to look for. No sign but quotation marks and minus has a meaning. */
export function parseQuery(text: string): Query | null {
  const { identifiers, rest } = withoutIdentifiers(text);
  const terms = [...rest.replaceAll(QUOTES, '"').matchAll(TERM)]
    .map(({ groups: { minus, quoted, bare } = {} }) => ({
      ...spellingsOf(quoted ?? bare ?? ''),
      text: quoted ?? bare ?? '',
      isExcluded: minus !== undefined,
      isQuoted: quoted !== undefined,
    }))
    .filter(({ words }) => words.length > 0)
    .slice(0, MAX_WORDS);
  const all = [...identifiers, ...terms];
  const phrases = all.filter(({ isExcluded }) => !isExcluded);
  if (phrases.length === 0) return null;
  const excluded = all.filter(({ isExcluded }) => isExcluded);
  const last = terms.at(-1);
  const lastWord = last && !last.isExcluded && !last.isQuoted ? (last.words.at(-1) ?? '') : '';
  return { phrases, excluded, isUnfinished: [...lastWord].length >= MIN_PREFIX_CHARACTERS };
}

/** The ISBNs and DOIs of a query, each as a phrase, and the rest of the query. */
function withoutIdentifiers(text: string): { readonly identifiers: readonly Term[]; readonly rest: string } {
  const found = identifiersIn(text).slice(0, MAX_WORDS);
  const kept = found.map(({ at }, index) => {
    const before = found[index - 1];
    return text.slice(before ? before.at + before.length : 0, at);
  });
  const last = found.at(-1);
  const rest = [...kept, text.slice(last ? last.at + last.length : 0)].join(' ');
  const identifiers = found.map(({ at, word, written }) => {
    const others = [wordsOf(written), [fold(written).replaceAll(/[^\p{L}\p{N}]/gu, '')]];
    return { words: [word], others, text: word, isQuoted: true, isExcluded: MINUS_AT_END.test(text.slice(0, at)) };
  });
  return { identifiers, rest };
}

/** A word with an apostrophe is found as its parts and as one word: `qur'an` stands for `qurʾan` and `quran` too. */
function spellingsOf(text: string): Pick<Phrase, 'words' | 'others'> {
  const words = wordsOf(text.replaceAll(INNER_SIGN, ' '));
  const joined = wordsOf(text.replaceAll(INNER_SIGN, ''));
  return { words, others: joined.length === words.length ? [] : [joined] };
}

/** Returns the words of a query that may be mistyped: the single ones. */
export const mistypable = ({ phrases }: Query): string[] =>
  phrases.filter(({ words, isQuoted }) => words.length === 1 && !isQuoted).flatMap(({ words }) => words);

/** The FTS5 expression of a query: everything in quotes, so that nothing that was typed is an operator. */
export function toMatchExpression(query: Query, meanings = AS_TYPED): string {
  const wanted = soughtPhrases(query, meanings).map(anyOf);
  const unwanted = query.excluded.map(({ words, others }) =>
    anyOf([words, ...others].map((each) => ({ words: each, isPrefix: false }))),
  );
  return [wanted.join(' AND '), ...unwanted].join(' NOT ');
}

/**
 * The FTS5 expression of a phrase in any of its spellings. An unfinished one is there twice, complete and as a prefix, so that
 * documents with exactly that word score higher.
 */
function anyOf(phrase: SoughtPhrase): string {
  const spellings = phrase.flatMap(({ words, isPrefix }) => {
    const exact = `"${words.join(' ')}"`;
    return isPrefix ? [exact, `${exact}*`] : [exact];
  });
  return spellings.length > 1 ? `(${spellings.join(' OR ')})` : spellings.join('');
}

/** The phrases of a query, as they are looked for in a text. */
export function soughtPhrases({ phrases, isUnfinished }: Query, meanings = AS_TYPED): SoughtPhrase[] {
  const last = phrases.length - 1;
  return phrases.map(({ words, others, isQuoted }, at) => {
    const isPrefix = isUnfinished && at === last && !isQuoted;
    const meant = (words.length === 1 && !isQuoted && meanings.get(words[0] ?? '')) || [];
    return [
      ...[words, ...others].map((each) => ({ words: each, isPrefix })),
      ...meant.map((word) => ({ words: [word], isPrefix: false })),
    ];
  });
}
