import { PIECE_BYTES } from '@allibrary/core';

const LEAST_DEPTH = 2;
const MOST_DEPTH = 24;
/** What a peer may take for reading and sending a piece, beside the way there and back. */
const PEER_WORK_MS = 40;
/** Length of the spans over which the rate is measured; requests are open during all of a span. */
const SPAN_MS = 250;
/** How much of the rate is that of the latest span. */
const NEWNESS = 0.4;

/**
 * How many pieces are asked of one peer at once: as many as fill the line, by its bandwidth and delay as they were
 * measured. A line that was never full shows more of itself with each further request, so the depth finds its way up.
 */
export class RequestDepth {
  #roundTripMs = 0;
  #bytesPerMs = 0;
  #span: { readonly sinceMs: number; bytes: number } | undefined;

  /** How many requests may be open. */
  get depth(): number {
    const underWay = this.#bytesPerMs * (this.#roundTripMs + PEER_WORK_MS);
    return Math.min(MOST_DEPTH, Math.max(LEAST_DEPTH, 1 + Math.ceil(underWay / PIECE_BYTES)));
  }

  /** Takes in how long the peer took to answer a question that costs it nothing; the least of all counts. */
  answered(tookMs: number): void {
    this.#roundTripMs = this.#roundTripMs === 0 ? tookMs : Math.min(this.#roundTripMs, tookMs);
  }

  /** Takes in that bytes came. */
  received(bytes: number, nowMs: number): void {
    this.#span ??= { sinceMs: nowMs, bytes: 0 };
    this.#span.bytes += bytes;
    const tookMs = nowMs - this.#span.sinceMs;
    if (tookMs < SPAN_MS) return;
    const rate = this.#span.bytes / tookMs;
    this.#bytesPerMs += (this.#bytesPerMs === 0 ? 1 : NEWNESS) * (rate - this.#bytesPerMs);
    this.#span = { sinceMs: nowMs, bytes: 0 };
  }

  /** Records that no request is open: the time until the next one does not measure the connection. */
  rests(): void {
    this.#span = undefined;
  }
}
