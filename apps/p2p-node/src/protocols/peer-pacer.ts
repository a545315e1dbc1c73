import { RateLimit } from '../gate/rate-limit.ts';
import type { ClientLimits } from './protocol-limits.ts';

const MOST_PEERS = 10_000;
/** Requests to one peer that may wait: at its rate, more of them would wait longer than their callers do. */
const MOST_WAITING = 1_000;
/** A peer cannot make this node wait for longer. */
const LONGEST_PAUSE_MS = 300_000;

interface Lane {
  readonly waiting: Set<() => void>;
  open: number;
  pausedUntilMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** Delays this node's requests to each peer until they are within the limits. */
export class PeerPacer {
  readonly #rate: RateLimit;
  readonly #lanes = new Map<string, Lane>();

  constructor(
    private readonly limits: ClientLimits,
    private readonly now: () => number,
  ) {
    this.#rate = new RateLimit(limits.rate, MOST_PEERS);
  }

  /** Resolves when a stream to the peer may be opened; the result must be called once when that stream is gone. */
  async take(peerId: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const lane = this.#laneOf(peerId);
    if (lane.waiting.size >= MOST_WAITING) throw new Error('too many requests to this peer are waiting already');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const grant = () => resolve();
    const leave = () => {
      if (lane.waiting.delete(grant)) reject(signal.reason);
    };
    lane.waiting.add(grant);
    signal.addEventListener('abort', leave, { once: true });
    this.#grant(peerId, lane);
    await promise.finally(() => signal.removeEventListener('abort', leave));
    return this.#releaseOf(peerId, lane);
  }

  /** Opens no stream to the peer for a while, because it has asked for that. */
  pause(peerId: string, pauseMs: number): void {
    const lane = this.#laneOf(peerId);
    lane.pausedUntilMs = Math.max(lane.pausedUntilMs, this.now() + Math.min(pauseMs, LONGEST_PAUSE_MS));
    this.#grant(peerId, lane);
  }

  #laneOf(peerId: string): Lane {
    const lane = this.#lanes.get(peerId) ?? { waiting: new Set(), open: 0, pausedUntilMs: 0, timer: undefined };
    this.#lanes.set(peerId, lane);
    return lane;
  }

  #releaseOf(peerId: string, lane: Lane): () => void {
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      lane.open -= 1;
      this.#grant(peerId, lane);
    };
  }

  #grant(peerId: string, lane: Lane): void {
    clearTimeout(lane.timer);
    for (const grant of lane.waiting) {
      if (lane.open >= this.limits.streams || this.#waitMs(peerId, lane) > 0) break;
      this.#rate.take(peerId, this.now());
      lane.waiting.delete(grant);
      lane.open += 1;
      grant();
    }
    this.#grantLater(peerId, lane);
  }

  #grantLater(peerId: string, lane: Lane): void {
    const hasWork = lane.waiting.size > 0 && lane.open < this.limits.streams;
    const waitMs = hasWork ? this.#waitMs(peerId, lane) : lane.pausedUntilMs - this.now();
    if (waitMs > 0) lane.timer = setTimeout(() => this.#grant(peerId, lane), waitMs).unref();
    else if (lane.open === 0 && lane.waiting.size === 0) this.#lanes.delete(peerId);
  }

  #waitMs(peerId: string, lane: Lane): number {
    const nowMs = this.now();
    return Math.max(lane.pausedUntilMs - nowMs, this.#rate.waitMs(peerId, nowMs));
  }
}
