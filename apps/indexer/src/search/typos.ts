import damerauLevenshtein from 'damerau-levenshtein';

/** Length of a word from which one and two typos are allowed: Meilisearch's defaults. */
const ONE_TYPO_FROM = 5;
const TWO_TYPOS_FROM = 9;
/** Longer ones are no words but numbers, ids and what a bad scan leaves. */
const LONGEST = 32;
const LETTERS = /^[\p{L}\p{M}]+$/u;

/** How many typos a word may have that is meant by another: none in short words and in those with digits. */
export function typosAllowedIn(word: string): 0 | 1 | 2 {
  if (word.length < ONE_TYPO_FROM || word.length > LONGEST || !LETTERS.test(word)) return 0;
  return word.length < TWO_TYPOS_FROM ? 1 : 2;
}

/** Whether a word of a document can be meant by a mistyped one. */
export const canBeMeant = (word: string): boolean =>
  word.length >= ONE_TYPO_FROM - 1 && word.length <= LONGEST + 2 && LETTERS.test(word);

/** How many letters must be put in, left out, changed, or swapped with the next one to make one word the other. */
export const typosBetween = (one: string, other: string): number => damerauLevenshtein(one, other).steps;

/**
 * The beginning and the end of a mistyped word: one of them is right if it has one typo, and nearly always if it has two.
 * There is a letter between them, because two swapped letters must not be in both.
 */
export function endsOf(word: string, typos: 1 | 2): { readonly start: string; readonly end: string } {
  const length = Math.floor((word.length - 1) / (2 * typos));
  return { start: word.slice(0, length), end: word.slice(-length) };
}
