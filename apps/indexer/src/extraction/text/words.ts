import { withPlainLetters } from './letters.ts';
import { withoutInvisible } from './visible-text.ts';

/** Letters that Chinese and Japanese share with no other script, such as the mark of a long vowel. */
const SHARED = String.raw`[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]&&[\p{L}\p{N}]]`;
/** Scripts that put no blanks between words. Each of their letters is a word to the index; a word of theirs is a phrase. */
const UNSPACED = String.raw`[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}${SHARED}]`;
const UNSPACED_LETTER = new RegExp(String.raw`${UNSPACED}\p{M}*`, 'gv');

/** Joiners show how letters of Indian scripts are written together; in Arabic script, a non-joiner stands between words. */
const JOINER = String.raw`(?<=[\p{L}\p{M}])(?:\u200D|(?<!\p{sc=Arab}\p{M}*)\u200C)`;
/** One word: a run of letters, numbers, marks and private-use characters. */
export const WORD = new RegExp(
  String.raw`${UNSPACED_LETTER.source}|(?:[[\p{L}\p{N}\p{M}\p{Co}]--${UNSPACED}]|${JOINER})+`,
  'gv',
);
const JOINERS = new RegExp(JOINER, 'gv');
/** Malayalam letters without a vowel, as they were spelled before Unicode 5.1 (section 12.9). */
const CHILLU = /([\u0D23\u0D28\u0D30\u0D32\u0D33\u0D15])\u0D4D\u200D/gu;
const CHILLU_LETTERS: Readonly<Record<string, string>> = {
  ...{ '\u0D23': '\u0D7A', '\u0D28': '\u0D7B', '\u0D30': '\u0D7C' },
  ...{ '\u0D32': '\u0D7D', '\u0D33': '\u0D7E', '\u0D15': '\u0D7F' },
};

/** A text in ASCII alone: folding it is cheap. */
export const ASCII = /^\p{ASCII}*$/u;
/**
 * What readers of European scripts, Hebrew and Arabic do not look for: accents, points, vowel signs, cantillation, tatweel.
 * The marks of other scripts are letters to their readers, so they stay.
 */
const UNSOUGHT_MARKS =
  /[\u0300-\u036F\u0483-\u0487\u0591-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u08CA-\u08FF]+/gu;

/**
 * A text as words are compared: without case and accents; ligatures, wide letters, letters of other keyboards and digits of
 * other scripts as plain ones. Indexing, queries and highlights use this function alone.
 */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const visible = withoutInvisible(text)
    .replaceAll(CHILLU, (spelled, letter: string) => CHILLU_LETTERS[letter] ?? spelled)
    .replaceAll(JOINERS, '');
  const unmarked = visible.normalize('NFKD').replaceAll(UNSOUGHT_MARKS, '').toLowerCase();
  return withPlainLetters(unmarked).normalize('NFC');
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
