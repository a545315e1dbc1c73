import type { Highlight, Place } from '@allibrary/contracts';
import type { Passage } from './passages.ts';
import type { SoughtPhrase } from './query.ts';
import { type FoundPhrase, PhraseFinder } from './phrase-finder.ts';
import { isList } from './list-like.ts';

/** Characters scanned for the snippets of one list, best hits first. All books of a list would cost a second. */
const LIST_CHARACTERS = 1_500_000;
/** Characters scanned for each hit in any case: enough for a whole text without a concordance. */
const HIT_CHARACTERS = 66_000;
const LEAD_CHARACTERS = 80;
const SHOWN_CHARACTERS = 400;
/** Characters before and after a spot that show whether it is part of a list. */
const AROUND_CHARACTERS = 300;
const MAX_HIGHLIGHTS = 100;
const BLANKS = /[\p{Cc}\p{Z}\uFFFD]+/gu;
/** The dots between a chapter's name and its page, lines to write on, rules. */
const LEADERS = /(?:[.·…_-] ?){4,}/gu;

/** What a spot is worth. Prose with all words near each other beats a table of contents that has them as a phrase. */
const POINTS = { phrase: 10, sideBySide: 5, close: 4, list: -8 } as const;

/** Snippet of a document and its place, which is null when the format has none. */
export interface Snippet {
  readonly text: string;
  /** The words of it that were looked for. */
  readonly highlights: readonly Highlight[];
  readonly place: Place | null;
}

/** A spot in a passage with what it is worth. */
interface Spot {
  readonly passage: Passage;
  readonly at: number;
  readonly points: number;
}

/** Budget of characters to scan for the snippets of one list of hits. */
export class SnippetReading {
  #left = LIST_CHARACTERS;

  /** Passages of the next hit, as far as the budget allows. */
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

/** Plain text around most of the phrases that were found, at most 600 characters; null when none of them is there. */
export function snippetOf(passages: Iterable<Passage>, sought: readonly SoughtPhrase[]): Snippet | null {
  const finder = new PhraseFinder(sought);
  const enough = sought.length * POINTS.phrase + (sought.length > 1 ? POINTS.sideBySide : 0);
  let best: Spot | null = null;
  for (const passage of passages) {
    if (finder.atMostIn(passage.text) * POINTS.phrase + POINTS.sideBySide + POINTS.close > (best?.points ?? 0))
      best = better(best, bestSpot(passage, finder));
    if (best && best.points >= enough) break;
  }
  if (!best) return null;
  const text = show(best);
  return { text, highlights: highlightsOf(text, finder), place: placeOf(best.passage) };
}

/** A snippet as a hit carries it. */
export const shownOf = (snippet: Snippet | null) => ({
  snippet: snippet?.text ?? null,
  highlights: snippet?.highlights ?? [],
  place: snippet?.place ?? null,
});

const better = (one: Spot | null, other: Spot | null): Spot | null =>
  other && other.points > (one?.points ?? 0) ? other : one;

/** The words that were found, as many as a hit may have; those that touch each other, as in Chinese, are one. */
function highlightsOf(text: string, finder: PhraseFinder): Highlight[] {
  const highlights: { at: number; length: number }[] = [];
  for (const { at, length } of finder.find(text)) {
    const last = highlights.at(-1);
    if (last && last.at + last.length >= at) last.length = Math.max(last.length, at + length - last.at);
    else highlights.push({ at, length });
  }
  return highlights.slice(0, MAX_HIGHLIGHTS);
}

function bestSpot(passage: Passage, finder: PhraseFinder): Spot | null {
  const found = finder.find(passage.text);
  let best: Spot | null = null;
  for (const [first, { at }] of found.entries()) {
    const points = pointsFrom(found, first);
    if (points <= (best?.points ?? 0)) continue;
    const around = passage.text.slice(Math.max(0, at - AROUND_CHARACTERS), at + AROUND_CHARACTERS);
    best = better(best, { passage, at, points: points + (isList(around) ? POINTS.list : 0) });
  }
  return best;
}

/** Points of the phrases that a snippet from one of them on shows. */
function pointsFrom(found: readonly FoundPhrase[], first: number): number {
  const start = found[first];
  if (!start) return 0;
  const room = SHOWN_CHARACTERS - LEAD_CHARACTERS;
  const shown = new Set<number>();
  let [reach, least, run] = [0, 0, 0];
  let before: FoundPhrase | null = null;
  for (let next = first; next < found.length; next++) {
    const each = found[next];
    if (!each || each.at + each.length - start.at > room) break;
    const isNext = each.phrase === run && (before === null || before.word + before.words === each.word);
    if (isNext && run === shown.size) run += 1;
    before = each;
    if (shown.has(each.phrase)) continue;
    shown.add(each.phrase);
    reach = each.at + each.length - start.at;
    least += each.length + 1;
  }
  const isSideBySide = shown.size > 1 && run === shown.size;
  const closeness = shown.size > 1 ? POINTS.close * Math.max(0, 1 - (reach - least) / room) : 0;
  return shown.size * POINTS.phrase + (isSideBySide ? POINTS.sideBySide : 0) + closeness;
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
