/** Letters that stand apart as in a heading; two blanks are between words. */
const SPACED = /(?<![\p{L}\p{N}\p{M}'’.])(?:\p{L}\p{M}* ){3,60}\p{L}\p{M}*(?![\p{L}\p{N}\p{M}'’.])/gu;

/** Without two of them nothing is spaced; this is seen much sooner. */
const LONE_LETTERS = / \p{L}\p{M}* \p{L}\p{M}* /u;

/** A text in which letter-spaced words are written together: a PDF says only where each letter stands. */
export const withLettersTogether = (text: string): string =>
  LONE_LETTERS.test(text) ? text.replaceAll(SPACED, (letters) => letters.replaceAll(' ', '')) : text;
