import { fold } from '../extraction/text/words.ts';

/** Longer numbers are compared as text. */
const DIGITS = 12;

/** A title as it is sorted where no language is known: without case and accents, and by the value of its numbers. */
export const sortKeyOf = (title: string): string =>
  fold(title)
    .replaceAll(/\d+/gu, (digits) => digits.padStart(DIGITS, '0'))
    .trim();
