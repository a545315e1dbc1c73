import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a new stream may go without a request: a peer sends its first at once, which takes some seconds over Tor. */
const FIRST_REQUEST_MS = 30_000;
/** How long a stream may go without a request or a reply that the peer takes. */
const IDLE_LIMIT_MS = 120_000;

/** Why this node ends streams of peers. */
export const STREAM_ENDS = ['violation', 'idle'] as const;
export type StreamEnd = (typeof STREAM_ENDS)[number];

/** Calls back when a peer leaves a stream idle. */
export class IdleWatch {
  #idle: NodeJS.Timeout;
  #isClosed = false;

  constructor(private readonly onIdle: () => void) {
    this.#idle = setTimeout(onIdle, FIRST_REQUEST_MS);
  }

  /** Notes that the peer has sent a request, or taken a reply. */
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
