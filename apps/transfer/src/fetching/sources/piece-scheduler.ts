import { Holdings } from '../../wire/holdings.ts';

/** Assumed duration of a request for a piece, until the source's own is known. */
const UNKNOWN_ANSWER_MS = 1_000;
/** A request is late when it takes this many times as long as the source's earlier requests. */
const PATIENCE = 2;
/** How much of the expected time is that of the latest answer. */
const NEWNESS = 0.3;
/** Bounds of what is remembered of pieces that sources can't give: sources, and pieces of each. */
const MOST_LACKING = { sources: 100, pieces: 4_096 };
/** Number of candidates among which the rarest piece is looked for: looking at all would take longer than asking. */
const WINDOW = 4_096;

/** A source of a document, as the scheduler sees it. */
interface Source {
  /** What it holds; null is all. */
  holdings: Holdings | null;
  /** How long it takes from being asked to its answer; undefined until the first answer. */
  answerMs: number | undefined;
  /** The pieces that are asked of it, each with the time since when; null while the request waits to be sent. */
  readonly asked: Map<number, number | null>;
}

/**
 * Decides which piece of one document is asked of which source: pull by pull, whenever a source could take one more
 * request. The rarest pieces go first. A source that has nothing else to do takes over what others are late with, or
 * what it would bring sooner, so at the end, and with stalled sources, the fast ones get the work. It has no clock: the
 * time is an argument.
 */
export class PieceScheduler {
  readonly #sources = new Map<string, Source>();
  /** The sources of which each piece that is under way was asked. */
  readonly #askers = new Map<number, Set<string>>();
  /** Until when each source is not asked for a piece; it outlives the source's absence. */
  readonly #lacking = new Map<string, Map<number, number>>();
  /** How many of the sources that hold a part of the document hold each piece. */
  readonly #holders: Uint16Array;
  readonly #startAt: number;
  /** All pieces before this one, counted from where it starts, are here. */
  #settled = 0;

  /**
   * @param held the pieces that are here; the caller changes it only through this scheduler
   * @param chance where to start, from 0 to 1: nodes that fetch from one seeder then have pieces for each other
   */
  constructor(
    private readonly held: Holdings,
    chance: number,
  ) {
    this.#holders = new Uint16Array(held.pieces);
    this.#startAt = Math.floor(chance * held.pieces);
  }

  /** Whether nothing is left to fetch. */
  get isComplete(): boolean {
    return this.held.isWhole;
  }

  /** Number of sources that take part. */
  get sources(): number {
    return this.#sources.size;
  }

  /** Whether no source that takes part can give any of the missing pieces now. */
  get isStalled(): boolean {
    return !this.isComplete && this.#sources.size > 0 && this.#askers.size === 0;
  }

  /** Adds a source, or renews what it holds; null is the whole document. */
  join(sourceId: string, holdings: Holdings | null): void {
    const known = this.#sources.get(sourceId);
    this.#countHoldings(known?.holdings ?? null, -1);
    this.#countHoldings(holdings, 1);
    if (known) known.holdings = holdings;
    else this.#sources.set(sourceId, { holdings, answerMs: undefined, asked: new Map() });
  }

  /** The source has got further pieces since it joined. */
  gained(sourceId: string, indices: Iterable<number>): void {
    const holdings = this.#sources.get(sourceId)?.holdings;
    if (!holdings) return;
    for (const index of indices) if (holdings.add(index)) this.#countHolder(index, 1);
  }

  /** The source can't give a piece, though it holds it by its own account: it is not asked for it until then. */
  lacks(sourceId: string, index: number, untilMs: number): void {
    const lacking = this.#lacking.get(sourceId) ?? new Map<number, number>();
    lacking.delete(index); // and to the end
    dropOldest(lacking.set(index, untilMs), MOST_LACKING.pieces);
    dropOldest(this.#lacking.set(sourceId, lacking), MOST_LACKING.sources);
  }

  /** Every source is asked again for what it could not give. */
  forgetLacking(): void {
    this.#lacking.clear();
  }

  /** A piece that was here turned out to be damaged: it is fetched again. */
  lost(index: number): void {
    if (this.held.delete(index)) this.#settled = 0;
  }

  /** Forgets a source: what was asked of it is asked of others. */
  leave(sourceId: string): void {
    const source = this.#sources.get(sourceId);
    if (!source) return;
    for (const index of source.asked.keys()) this.#release(sourceId, index);
    this.#countHoldings(source.holdings, -1);
    this.#sources.delete(sourceId);
  }

  /** The next piece to ask of a source; undefined when there is nothing for it to do now. */
  next(sourceId: string, nowMs: number): number | undefined {
    const source = this.#sources.get(sourceId);
    if (!source) return undefined;
    const lacking = this.#lacking.get(sourceId);
    const canGive = (index: number) =>
      source.holdings?.has(index) !== false && (lacking === undefined || (lacking.get(index) ?? 0) <= nowMs);
    const index = this.#rarest(canGive) ?? this.#contested(sourceId, source, canGive, nowMs);
    if (index === undefined) return undefined;
    source.asked.set(index, null);
    const askers = this.#askers.get(index) ?? new Set();
    this.#askers.set(index, askers.add(sourceId));
    return index;
  }

  /** The request for a piece was sent: from now on the source may be late. */
  sent(sourceId: string, index: number, nowMs: number): void {
    const asked = this.#sources.get(sourceId)?.asked;
    if (asked?.has(index)) asked.set(index, nowMs);
  }

  /** A request ended without the piece. */
  failed(sourceId: string, index: number): void {
    this.#sources.get(sourceId)?.asked.delete(index);
    this.#release(sourceId, index);
  }

  /** A source brought the right piece. Returns the other sources that it is still asked of. */
  finish(sourceId: string, index: number, nowMs: number): string[] {
    const source = this.#sources.get(sourceId);
    const sinceMs = source?.asked.get(index);
    if (source && typeof sinceMs === 'number') learn(source, nowMs - sinceMs);
    this.failed(sourceId, index);
    this.held.add(index);
    for (const lacking of this.#lacking.values()) lacking.delete(index);
    return [...(this.#askers.get(index) ?? [])];
  }

  /** The rarest of the pieces that nobody was asked for; of those that are equally rare the first from where it starts. */
  #rarest(canGive: (index: number) => boolean): number | undefined {
    const { pieces } = this.held;
    let best: number | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    this.#passOverSettled();
    for (let at = this.#settled, seen = 0; at < pieces && seen < WINDOW; at++) {
      const index = (this.#startAt + at) % pieces;
      if (this.held.has(index) || this.#askers.has(index) || !canGive(index)) continue;
      const holders = this.#holders[index] ?? 0;
      if (holders === 0) return index;
      seen += 1;
      if (holders >= fewest) continue;
      best = index;
      fewest = holders;
    }
    return best;
  }

  #passOverSettled(): void {
    const { pieces } = this.held;
    while (this.#settled < pieces && this.held.has((this.#startAt + this.#settled) % pieces)) this.#settled += 1;
  }

  /** The piece that was asked for the longest ago and that this source is likely to bring before those who were asked. */
  #contested(sourceId: string, source: Source, canGive: (index: number) => boolean, nowMs: number): number | undefined {
    for (const [index, askers] of this.#askers) {
      if (askers.has(sourceId) || this.held.has(index) || !canGive(index)) continue;
      if ([...askers].every((asker) => this.#isOvertaken(asker, index, source, nowMs))) return index;
    }
    return undefined;
  }

  /** Whether a request is late, or would be answered later than one that is sent now to a faster source. */
  #isOvertaken(askerId: string, index: number, by: Source, nowMs: number): boolean {
    const asker = this.#sources.get(askerId);
    const sinceMs = asker?.asked.get(index);
    if (!asker || typeof sinceMs !== 'number') return false;
    const ageMs = nowMs - sinceMs;
    const expectedMs = asker.answerMs ?? UNKNOWN_ANSWER_MS;
    const isLate = ageMs > PATIENCE * Math.max(expectedMs, UNKNOWN_ANSWER_MS);
    return isLate || (by.answerMs !== undefined && expectedMs - ageMs > PATIENCE * by.answerMs);
  }

  #release(sourceId: string, index: number): void {
    const askers = this.#askers.get(index);
    if (askers?.delete(sourceId) && askers.size === 0) this.#askers.delete(index);
  }

  #countHoldings(holdings: Holdings | null, change: 1 | -1): void {
    for (const index of holdings?.indices() ?? []) this.#countHolder(index, change);
  }

  #countHolder(index: number, change: 1 | -1): void {
    this.#holders[index] = (this.#holders[index] ?? 0) + change;
  }
}

function dropOldest<Key>(entries: Map<Key, unknown>, most: number): void {
  const [oldest] = entries.keys();
  if (entries.size > most && oldest !== undefined) entries.delete(oldest);
}

function learn(source: Source, tookMs: number): void {
  source.answerMs = source.answerMs === undefined ? tookMs : source.answerMs + NEWNESS * (tookMs - source.answerMs);
}
