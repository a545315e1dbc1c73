import type { Meanings } from './query.ts';
import { WORD, fold } from '../extraction/text/words.ts';

/** A question as it was probably meant: each word that no document has in place of the likeliest; null when that is the same. */
export function suggestionOf(text: string, meanings: Meanings, isKnown: (word: string) => boolean): string | null {
  const meant = text.replaceAll(WORD, (typed) => {
    const word = fold(typed);
    return isKnown(word) ? typed : (meanings.get(word)?.[0] ?? typed);
  });
  return meant === text ? null : meant;
}
