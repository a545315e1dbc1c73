/** A run of what FTS5's tokenizer takes for parts of a word: letters, numbers, marks and private-use characters. */
export const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

const ASCII = /^\p{ASCII}*$/u;

/** A text as words are compared: without case and accents. */
export function fold(text: string): string {
  return (ASCII.test(text) ? text : text.normalize('NFD').replaceAll(/\p{M}+/gu, '')).toLowerCase();
}

/** How many words a text has. */
export function countWords(text: string): number {
  let words = 0;
  WORD.lastIndex = 0;
  while (WORD.test(text)) words += 1;
  return words;
}
