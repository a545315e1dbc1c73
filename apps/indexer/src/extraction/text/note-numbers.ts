/** Numbers and signs of notes, perhaps in brackets. */
const NOTE = /^\s*[[(]?(?:\d{1,4}|[*†‡§¶]{1,4})[\])]?\s*$/u;
/** What stands with an exponent: units, symbols of one letter, formulas. */
const WITH_EXPONENT =
  /(?:^|[^\p{L}\p{N}])(?:\p{L}|[cdhkmnpµμ]?m|in|ft|yd|mi|sec|min|ha|mc|km\/h|м|см|км|\p{Lu}\p{Ll}?\p{Lu}\p{Ll}?)$/u;
const LETTER_AT_END = /[\p{L}\p{M}]$/u;
const SUPERSCRIPTS = /(?<=\p{L}{4})(?=[⁰¹²³⁴-⁹]{1,3}(?![\p{L}\p{N}]))/gu;
/** Enough of what stands before to see a word. */
const WORD_CHARACTERS = 40;

/** Whether a raised text is the number of a note, and no part of the word before it: `heron⁴`, but not `m²` or `CO₂`. */
export function partsNoteNumber(before: string, raised: string): boolean {
  if (!NOTE.test(raised)) return false;
  const word = before.slice(-WORD_CHARACTERS);
  if (/\p{N}$/u.test(word)) return false;
  return !LETTER_AT_END.test(word) || !WITH_EXPONENT.test(word);
}

/** A text with blanks between its words and the raised numbers behind them. */
export const withNotesApart = (text: string): string => text.replaceAll(SUPERSCRIPTS, ' ');

/** A word with digits right behind it: a note's number, or a name such as `fortran77`. */
const NUMBERED = /(?<![\p{L}\p{N}])(?<word>\p{L}{4,40})\d{1,3}(?![\p{L}\p{N}])/gu;

/**
 * Adds the words that a page holds only with a number right behind them: where it is not known whether the number is raised,
 * both spellings are found.
 */
export function withBareWords(page: string): string {
  const words = new Set([...page.matchAll(NUMBERED)].map(({ groups }) => groups?.['word'] ?? ''));
  if (words.size === 0) return page;
  for (const [word] of page.matchAll(/(?<!\p{L})\p{L}+(?![\p{L}\p{N}])/gu)) words.delete(word);
  return words.size === 0 ? page : `${page}\n${[...words].join(' ')}\n`;
}
