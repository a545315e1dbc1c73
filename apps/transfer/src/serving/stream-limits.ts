import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A peer that opens a stream sends its first request at once; one over Tor needs some seconds. */
const FIRST_REQUEST_MS = 30_000;
/** A stream on which nothing moves for so long is ended. */
const IDLE_LIMIT_MS = 120_000;

/** Why this node ended a stream of a peer. */
export type StreamEnd = 'violation' | 'idle';

/** Ends a stream that a peer has opened and leaves idle. */
export class IdleWatch {
  #idle: NodeJS.Timeout;
  #isClosed = false;

  constructor(private readonly onIdle: () => void) {
    this.#idle = setTimeout(onIdle, FIRST_REQUEST_MS);
  }

  /** The peer has sent a request, or taken a reply. */
  moved(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(this.onIdle, IDLE_LIMIT_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idle);
  }
}

/** Resets a stream: the other service ends its side at once, where an ordinary end would leave it half-open. */
export function reset(stream: Duplex): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream.destroy();
}
