/** Scripts that put no blanks between words. Each of their letters is a word to the index; a word of theirs is a phrase. */
const UNSPACED = String.raw`[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]`;
const UNSPACED_LETTER = new RegExp(String.raw`${UNSPACED}\p{M}*`, 'gv');

/** One word: a run of letters, numbers, marks and private-use characters. */
export const WORD = new RegExp(String.raw`${UNSPACED_LETTER.source}|[[\p{L}\p{N}\p{M}\p{Co}]--${UNSPACED}]+`, 'gv');

const ASCII = /^\p{ASCII}*$/u;
/**
 * What readers of European scripts, Hebrew and Arabic do not look for: accents, points, vowel signs, cantillation, tatweel.
 * The marks of other scripts are letters to their readers, so they stay.
 */
const UNSOUGHT_MARKS =
  /[\u0300-\u036F\u0483-\u0487\u0591-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED]+/gu;

/** A text as words are compared: without case and accents, ligatures and wide letters as plain ones. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFKD').replaceAll(UNSOUGHT_MARKS, '').normalize('NFC').toLowerCase();
}

/** A text as it is indexed: folded, with blanks between all words. */
export function searchable(text: string): string {
  const folded = fold(text);
  return ASCII.test(folded) ? folded : folded.replaceAll(UNSPACED_LETTER, ' $& ');
}

/** The words of a text, as they are compared. */
export const wordsOf = (text: string): string[] => searchable(text).match(WORD) ?? [];

/** How many words a text has. */
export function countWords(text: string): number {
  let words = 0;
  WORD.lastIndex = 0;
  while (WORD.test(text)) words += 1;
  return words;
}
