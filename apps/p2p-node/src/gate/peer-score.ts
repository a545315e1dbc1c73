/** What a peer did to lose trust, and how much of it each costs. */
export const OFFENCES = {
  /** It sent what no honest peer sends. */
  violation: 25,
  /** What it sent as a piece or a block has another hash; its disk may be bad, so once is not enough. */
  'wrong-bytes': 25,
  /** A record that it passed on is forged: an honest peer has checked it before. */
  'forged-record': 100,
  /** It asks faster than it may, and does not stop. */
  'too-fast': 2,
  /** It opens more streams than are served. */
  'too-many-streams': 1,
} as const;

/** One of the things that cost trust. */
export type Offence = keyof typeof OFFENCES;

/** At this score a peer is kept out for a time. */
export const SCORE_LIMIT = 100;
/** After so long half of a score is forgotten. */
const HALF_LIFE_MS = 10 * 60_000;

/** How much a peer has offended: it fades by itself. */
export interface Score {
  readonly value: number;
  readonly atMs: number;
}

/** The score of a peer that has done nothing. */
export const CLEAN: Score = { value: 0, atMs: 0 };

/** What is left of a score by now. */
export const scoreNow = ({ value, atMs }: Score, nowMs: number): number =>
  value * 0.5 ** (Math.max(0, nowMs - atMs) / HALF_LIFE_MS);

/** The score after one more offence. */
export const afterOffence = (score: Score, offence: Offence, nowMs: number): Score => ({
  value: scoreNow(score, nowMs) + OFFENCES[offence],
  atMs: nowMs,
});
