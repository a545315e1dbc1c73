import type { SoughtWord } from './query.ts';
import { WORD, fold } from './words.ts';

/** Looked through for a snippet; a word that stands only behind this part of a book is found, but not shown. */
const MAX_READ_CHARACTERS = 2_000_000;
const LEAD_CHARACTERS = 80;
const SHOWN_CHARACTERS = 400;
const BLANKS = /[\p{Cc}\p{Z}\uFFFD]+/gu;
/** The dots between a chapter's name and its page, lines to write on, rules. */
const LEADERS = /(?:[.·…_-] ?){4,}/gu;

/** A place in a passage, and how many of the words that were looked for it shows. */
interface Place {
  readonly passage: string;
  readonly at: number;
  readonly words: number;
}

/** Plain text around most of the words that were found, at most 600 characters; null when none of them is there. */
export function snippetOf(passages: Iterable<string>, sought: readonly SoughtWord[]): string | null {
  let best: Place | null = null;
  let read = 0;
  for (const passage of passages) {
    if (countHeld(passage, sought) > (best?.words ?? 0)) best = better(best, bestPlace(passage, sought));
    read += passage.length;
    if (best?.words === sought.length || read > MAX_READ_CHARACTERS) break;
  }
  return best && show(best);
}

/** At most so many of the words are in the passage; much faster than to find out where. */
function countHeld(passage: string, sought: readonly SoughtWord[]): number {
  const folded = fold(passage);
  return sought.filter(({ text }) => folded.includes(text)).length;
}

const better = (one: Place | null, other: Place | null): Place | null =>
  other && other.words > (one?.words ?? 0) ? other : one;

function bestPlace(passage: string, sought: readonly SoughtWord[]): Place | null {
  const found = [...passage.matchAll(WORD)].flatMap((match) => {
    const word = fold(match[0]);
    const which = sought.findIndex(({ text, isPrefix }) => (isPrefix ? word.startsWith(text) : word === text));
    return which < 0 ? [] : [{ at: match.index, which }];
  });
  let best: Place | null = null;
  for (const [first, { at }] of found.entries()) {
    const shown = new Set<number>();
    for (let next = first; next < found.length; next++) {
      const each = found[next];
      if (!each || each.at - at > SHOWN_CHARACTERS - LEAD_CHARACTERS) break;
      shown.add(each.which);
    }
    best = better(best, { passage, at, words: shown.size });
  }
  return best;
}

function show({ passage, at }: Place): string {
  const begin = wordBoundary(passage, Math.max(0, at - LEAD_CHARACTERS), at);
  const end = Math.min(passage.length, begin + SHOWN_CHARACTERS);
  const excerpt = passage.slice(begin, end).toWellFormed();
  const text = excerpt.replaceAll(BLANKS, ' ').replaceAll(LEADERS, '… ').trim();
  return `${begin > 0 ? '…' : ''}${text}${end < passage.length ? '…' : ''}`;
}

/** The first beginning of a word from a place on, but not beyond the word that was found. */
function wordBoundary(passage: string, from: number, found: number): number {
  const blank = from === 0 ? -1 : passage.slice(from, found).search(/\s/u);
  return blank < 0 ? from : from + blank + 1;
}
