/** More words than this make a search slower, not better. */
const MAX_WORDS = 32;

/** A prefix of one letter matches half the dictionary. */
const MIN_PREFIX_CHARACTERS = 2;

/** What FTS5's tokenizer takes for a part of a word: letters, numbers, marks and private-use characters. */
const WORD_PARTS = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/**
 * Turns what a user typed into an FTS5 expression: every word must be there, the last one may be unfinished. A word
 * with signs inside (`don't`, `annual_report`) becomes a phrase. Null when there is no word in it.
 */
export function toMatchExpression(text: string): string | null {
  const phrases = text
    .split(/\s+/u)
    .map((word) => word.match(WORD_PARTS) ?? [])
    .filter((parts) => parts.length > 0)
    .slice(0, MAX_WORDS);
  const last = phrases.at(-1);
  if (!last) return null;
  const mayBeUnfinished = [...(last.at(-1) ?? '')].length >= MIN_PREFIX_CHARACTERS;
  return phrases.map(quote).join(' AND ') + (mayBeUnfinished ? '*' : '');
}

/** In quotes nothing is an operator; the parts hold no quote themselves. */
const quote = (parts: readonly string[]): string => `"${parts.join(' ')}"`;
