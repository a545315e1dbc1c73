import { eld } from 'eld/extrasmall';
import { TELLING_CHARACTERS, languageOf } from './language.ts';

/** Taken from the middle: books begin with title pages, and many with a licence in English. */
const SAMPLE_CHARACTERS = 4_000;

/** The language that a text is written in, as an ISO 639 code; null when it is too short, or could be another one. */
export function languageOfText(text: string): string | null {
  const begin = Math.max(0, Math.floor((text.length - SAMPLE_CHARACTERS) / 2));
  const sample = text.slice(begin, begin + SAMPLE_CHARACTERS).toWellFormed();
  if (sample.length < TELLING_CHARACTERS) return null;
  const guess = eld.detect(sample);
  return guess.isReliable() ? languageOf(guess.language) : null;
}
