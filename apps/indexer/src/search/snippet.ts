import type { Highlight, Place } from '@allibrary/contracts';
import type { Passage } from './passages.ts';
import type { SoughtWord } from './query.ts';
import { WORD, fold } from '../extraction/text/words.ts';

/** Characters scanned for the snippets of one list, best hits first. All books of a list would cost a second. */
const LIST_CHARACTERS = 2_000_000;
/** Characters scanned for each hit in any case. A match after them is found, but not shown. */
const HIT_CHARACTERS = 128_000;
const LEAD_CHARACTERS = 80;
const SHOWN_CHARACTERS = 400;
const MAX_HIGHLIGHTS = 100;
const BLANKS = /[\p{Cc}\p{Z}\uFFFD]+/gu;
/** The dots between a chapter's name and its page, lines to write on, rules. */
const LEADERS = /(?:[.·…_-] ?){4,}/gu;

/** Snippet of a document and its place, which is null when the format has none. */
export interface Snippet {
  readonly text: string;
  /** The words of it that were looked for. */
  readonly highlights: readonly Highlight[];
  readonly place: Place | null;
}

/** A word of a text that was looked for. */
interface Found extends Highlight {
  readonly which: SoughtWord;
}

/** A spot in a passage with its score: a point for each matching word, and one when they are adjacent. */
interface Spot {
  readonly passage: Passage;
  readonly at: number;
  readonly rank: number;
}

/** How much is still looked through for the snippets of one list of hits. */
export class SnippetReading {
  #left = LIST_CHARACTERS;

  /** Passages as far as they are looked through for the next hit. */
  *of(passages: Iterable<Passage>): Generator<Passage> {
    let read = 0;
    for (const passage of passages) {
      yield passage;
      read += passage.text.length;
      this.#left -= passage.text.length;
      if (this.#left <= 0 && read >= HIT_CHARACTERS) return;
    }
  }
}

/** Plain text around most of the words that were found, at most 600 characters; null when none of them is there. */
export function snippetOf(passages: Iterable<Passage>, sought: readonly SoughtWord[]): Snippet | null {
  let best: Spot | null = null;
  for (const passage of passages) {
    if (promiseOf(passage.text, sought) > (best?.rank ?? 0)) best = better(best, bestSpot(passage, sought));
    if (best?.rank === sought.length + 1) break;
  }
  if (!best) return null;
  const text = show(best);
  return { text, highlights: highlightsOf(text, sought), place: placeOf(best.passage) };
}

/** A snippet as a hit carries it. */
export const shownOf = (snippet: Snippet | null) => ({
  snippet: snippet?.text ?? null,
  highlights: snippet?.highlights ?? [],
  place: snippet?.place ?? null,
});

const phraseOf = (sought: readonly SoughtWord[], blank = ' '): string =>
  sought.map(({ texts: [typed] }) => typed).join(blank);

/** About the rank of the passage's best spot; much faster than to find it. */
function promiseOf(text: string, sought: readonly SoughtWord[]): number {
  const folded = fold(text);
  const hasPhrase = [' ', ''].some((blank) => folded.includes(phraseOf(sought, blank)));
  return sought.filter(({ texts }) => texts.some((each) => folded.includes(each))).length + Number(hasPhrase);
}

const better = (one: Spot | null, other: Spot | null): Spot | null =>
  other && other.rank > (one?.rank ?? 0) ? other : one;

function* foundIn(text: string, sought: readonly SoughtWord[]): Generator<Found> {
  for (const { 0: word, index: at } of text.matchAll(WORD)) {
    const folded = fold(word);
    const which = sought.find(({ texts, isPrefix }) =>
      texts.some((each) => (isPrefix ? folded.startsWith(each) : folded === each)),
    );
    if (which) yield { at, length: word.length, which };
  }
}

/** The words that were found, as many as a hit may have; those that touch each other, as in Chinese, are one. */
function highlightsOf(text: string, sought: readonly SoughtWord[]): Highlight[] {
  const highlights: { at: number; length: number }[] = [];
  for (const { at, length } of foundIn(text, sought)) {
    const last = highlights.at(-1);
    if (last && last.at + last.length === at) last.length += length;
    else highlights.push({ at, length });
  }
  return highlights.slice(0, MAX_HIGHLIGHTS);
}

function bestSpot(passage: Passage, sought: readonly SoughtWord[]): Spot | null {
  const found = [...foundIn(passage.text, sought)];
  const reachOfPhrase = phraseOf(sought).length + sought.length;
  let best: Spot | null = null;
  for (const [first, { at }] of found.entries()) {
    const shown = new Set<SoughtWord>();
    let reach = 0;
    for (let next = first; next < found.length; next++) {
      const each = found[next];
      if (!each || each.at - at > SHOWN_CHARACTERS - LEAD_CHARACTERS) break;
      if (!shown.has(each.which)) reach = each.at - at + each.which.texts[0].length;
      shown.add(each.which);
    }
    const isPhrase = shown.size === sought.length && reach <= reachOfPhrase;
    best = better(best, { passage, at, rank: shown.size + Number(isPhrase) });
  }
  return best;
}

const placeOf = ({ page, chapter }: Passage): Place | null =>
  page === null && chapter === null ? null : { page, chapter };

function show({ passage: { text: passage }, at }: Spot): string {
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
