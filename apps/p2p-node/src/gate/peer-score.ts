/** Kinds of misbehaviour, and how much each adds to the ban score. */
export const MISBEHAVIOURS = {
  /** Sent what the protocol does not allow. */
  violation: 25,
  /** Sent a piece or block with another hash. Its disk may be bad, so once is not enough for a ban. */
  'wrong-bytes': 25,
  /** Passed on a forged record, which an honest peer checks first. */
  'forged-record': 100,
  /** Continues to ask faster than the rate limit allows although it is refused. */
  'too-fast': 2,
  /** Continues to open more streams than are served. */
  'too-many-streams': 1,
} as const;

/** A kind of misbehaviour. */
export type Misbehaviour = keyof typeof MISBEHAVIOURS;

/** A peer is banned at this score. */
export const SCORE_LIMIT = 100;
/** Time in which a score falls by half. */
const HALF_LIFE_MS = 10 * 60_000;

/** Ban score of a peer at a moment; it decays with time. */
export interface Score {
  readonly value: number;
  readonly atMs: number;
}

/** Score of a peer without misbehaviour. */
export const CLEAN: Score = { value: 0, atMs: 0 };

/** The score after its decay. */
export const scoreNow = ({ value, atMs }: Score, nowMs: number): number =>
  value * 0.5 ** (Math.max(0, nowMs - atMs) / HALF_LIFE_MS);

/** The score after one more misbehaviour. */
export const afterMisbehaviour = (score: Score, kind: Misbehaviour, nowMs: number): Score => ({
  value: scoreNow(score, nowMs) + MISBEHAVIOURS[kind],
  atMs: nowMs,
});
