import { type Meanings, type Query, mistypable } from './query.ts';
import { canBeMeant, typosAllowedIn, typosBetween } from './typos.ts';
import { wordsOf } from '../extraction/text/words.ts';

/** What the mistyped words of a query mean in the texts that were found for it: the words there that are most like them. */
export function meaningsIn(texts: Iterable<string>, query: Query): Meanings {
  const known = new Set([...texts].flatMap(wordsOf));
  const meanings = mistypable(query)
    .filter((typed) => !known.has(typed))
    .map((typed) => [typed, likestTo(typed, known)] as const);
  return new Map(meanings.filter(([, words]) => words.length > 0));
}

function likestTo(typed: string, known: ReadonlySet<string>): string[] {
  const allowed = typosAllowedIn(typed);
  if (allowed === 0) return [];
  return [...known]
    .filter((word) => canBeMeant(word) && Math.abs(word.length - typed.length) <= allowed)
    .map((word) => ({ word, typos: typosBetween(typed, word) }))
    .filter(({ typos }) => typos <= allowed)
    .toSorted((a, b) => a.typos - b.typos)
    .map(({ word }) => word);
}
