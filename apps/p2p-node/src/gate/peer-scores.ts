import { CLEAN, type Offence, SCORE_LIMIT, type Score, afterOffence, scoreNow } from './peer-score.ts';

const KEPT_OUT_MS = 30 * 60_000;
/** Peer ids cost nothing: of more offenders than these, the one whose last offence is oldest is forgotten. */
const MOST_REMEMBERED = 10_000;

interface Offender {
  readonly score: Score;
  readonly keptOutUntilMs: number;
}

/** Remembers who has offended, and keeps those out for a time who did it too much. */
export class PeerScores {
  readonly #offenders = new Map<string, Offender>();

  constructor(private readonly now: () => number) {}

  /** Notes an offence; true when the peer is kept out from now on. */
  offend(peerId: string, offence: Offence): boolean {
    const nowMs = this.now();
    const before = this.#offenders.get(peerId);
    const score = afterOffence(before?.score ?? CLEAN, offence, nowMs);
    const isTooMuch = score.value >= SCORE_LIMIT;
    this.#offenders.delete(peerId); // the latest comes last
    this.#offenders.set(peerId, { score, keptOutUntilMs: isTooMuch ? nowMs + KEPT_OUT_MS : 0 });
    if (this.#offenders.size > MOST_REMEMBERED) this.#offenders.delete(this.#offenders.keys().next().value as string);
    return isTooMuch;
  }

  scoreOf(peerId: string): number {
    return scoreNow(this.#offenders.get(peerId)?.score ?? CLEAN, this.now());
  }

  isKeptOut(peerId: string): boolean {
    return (this.#offenders.get(peerId)?.keptOutUntilMs ?? 0) > this.now();
  }

  /** How many are kept out now. */
  keptOut(): number {
    const nowMs = this.now();
    return [...this.#offenders.values()].filter(({ keptOutUntilMs }) => keptOutUntilMs > nowMs).length;
  }
}
