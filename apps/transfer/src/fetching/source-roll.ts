const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** So many peers are remembered: a peer that is forgotten is tried as if it were new. */
const MOST_PEERS = 1_000;

interface Entry {
  readonly failures: number;
  readonly againAtMs: number;
}

/** Which peers may be asked for a document: who failed rests for a while, longer each time; who lied is out. */
export class SourceRoll {
  readonly #entries = new Map<string, Entry>();

  /** Whether the peer may be asked now. */
  isWelcome(peerId: string, nowMs: number): boolean {
    return (this.#entries.get(peerId)?.againAtMs ?? 0) <= nowMs;
  }

  /** Takes in that a peer failed or does not have the document: the pause doubles each time. */
  failed(peerId: string, nowMs: number): void {
    const failures = this.#entries.get(peerId)?.failures ?? 0;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    this.#set(peerId, { failures: failures + 1, againAtMs: nowMs + pauseMs });
  }

  /** Takes in that a peer asked for patience. */
  busy(peerId: string, nowMs: number, pauseMs: number): void {
    const { failures = 0 } = this.#entries.get(peerId) ?? {};
    this.#set(peerId, { failures, againAtMs: nowMs + Math.max(FIRST_PAUSE_MS, pauseMs) });
  }

  /** Takes in that a peer brought a piece: what was before is forgotten. */
  brought(peerId: string): void {
    this.#entries.delete(peerId);
  }

  /** Takes in that a peer sent wrong bytes: it is asked no more. */
  lied(peerId: string): void {
    this.#set(peerId, { failures: 0, againAtMs: Number.POSITIVE_INFINITY });
  }

  #set(peerId: string, entry: Entry): void {
    this.#entries.delete(peerId);
    this.#entries.set(peerId, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_PEERS && oldest !== undefined) this.#entries.delete(oldest);
  }
}
