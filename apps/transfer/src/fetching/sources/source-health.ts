const FIRST_PAUSE_MS = 2_000;
/** Pieces that a source gets back are fetched within a minute. */
const LONGEST_PAUSE_MS = 45_000;
/** A peer that sent wrong bytes is not asked again before. */
const WRONG_BYTES_PAUSE_MS = 30_000;
/** Number of peers that are remembered: one that is forgotten is tried as if it were new. */
const MOST_PEERS = 1_000;

interface Entry {
  readonly failures: number;
  readonly againAtMs: number;
}

/** When each peer may be asked for a document again: one that failed rests, longer each time. */
export class SourceHealth {
  readonly #entries = new Map<string, Entry>();

  /** Whether the peer may be asked now. */
  isAvailable(peerId: string, nowMs: number): boolean {
    return (this.#entries.get(peerId)?.againAtMs ?? 0) <= nowMs;
  }

  /** The peer failed or does not have the document: the pause doubles each time. */
  failed(peerId: string, nowMs: number): void {
    const failures = this.#failuresOf(peerId);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    this.#set(peerId, { failures: failures + 1, againAtMs: nowMs + pauseMs });
  }

  /** The peer is busy, and named a pause; 0 when it did not. */
  busy(peerId: string, nowMs: number, pauseMs: number): void {
    this.#set(peerId, { failures: this.#failuresOf(peerId), againAtMs: nowMs + Math.max(FIRST_PAUSE_MS, pauseMs) });
  }

  /** The peer brought a piece: its failures are forgotten. */
  succeeded(peerId: string): void {
    this.#entries.delete(peerId);
  }

  /** The peer sent wrong bytes: its disk may be damaged, so its other pieces are asked for after a while. */
  sentWrongBytes(peerId: string, nowMs: number): void {
    const failures = this.#failuresOf(peerId) + 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, WRONG_BYTES_PAUSE_MS * failures);
    this.#set(peerId, { failures, againAtMs: nowMs + pauseMs });
  }

  /** All peers may be asked at once. */
  reset(): void {
    this.#entries.clear();
  }

  #failuresOf(peerId: string): number {
    return this.#entries.get(peerId)?.failures ?? 0;
  }

  #set(peerId: string, entry: Entry): void {
    this.#entries.delete(peerId);
    this.#entries.set(peerId, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_PEERS && oldest !== undefined) this.#entries.delete(oldest);
  }
}
