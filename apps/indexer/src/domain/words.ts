const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** How many words a text has. */
export function countWords(text: string): number {
  let words = 0;
  WORD.lastIndex = 0;
  while (WORD.test(text)) words += 1;
  return words;
}
