import { CLEAN, type Misbehaviour, SCORE_LIMIT, type Score, afterMisbehaviour, scoreNow } from './peer-score.ts';

/** How long a ban lasts. */
export const BAN_MS = 30 * 60_000;
/** Peer ids cost nothing: beyond this number the peer whose last misbehaviour is oldest is forgotten. */
const MOST_REMEMBERED = 10_000;

interface ScoredPeer {
  readonly score: Score;
  readonly bannedUntilMs: number;
}

/** Ban scores of the peers that misbehaved; a peer whose score reaches the limit is banned for half an hour. */
export class PeerScores {
  readonly #peers = new Map<string, ScoredPeer>();

  constructor(private readonly now: () => number) {}

  /** Adds a misbehaviour; returns whether the peer is banned from now on. */
  add(peerId: string, kind: Misbehaviour): boolean {
    const nowMs = this.now();
    const before = this.#peers.get(peerId);
    const score = afterMisbehaviour(before?.score ?? CLEAN, kind, nowMs);
    const isBanned = score.value >= SCORE_LIMIT;
    this.#peers.delete(peerId); // the latest comes last
    this.#peers.set(peerId, { score, bannedUntilMs: isBanned ? nowMs + BAN_MS : 0 });
    if (this.#peers.size > MOST_REMEMBERED) this.#peers.delete(this.#peers.keys().next().value as string);
    return isBanned;
  }

  scoreOf(peerId: string): number {
    return scoreNow(this.#peers.get(peerId)?.score ?? CLEAN, this.now());
  }

  isBanned(peerId: string): boolean {
    return (this.#peers.get(peerId)?.bannedUntilMs ?? 0) > this.now();
  }

  /** Number of peers that are banned now. */
  countBanned(): number {
    const nowMs = this.now();
    return [...this.#peers.values()].filter(({ bannedUntilMs }) => bannedUntilMs > nowMs).length;
  }
}
