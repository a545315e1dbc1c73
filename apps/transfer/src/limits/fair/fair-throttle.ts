import type { BudgetState } from '@allibrary/contracts';
import { FairLimiter } from './fair-limiter.ts';
import { type Direction, type Flow, FlowRefused, type Throttle } from './throttle.ts';

/** Timers can't wait longer, and a limiter that waits for nothing needs none. */
const LONGEST_WAIT_MS = 60_000;
/** A flow that had bytes so lately is under way: a soft stop lets it go on. */
const UNDER_WAY_MS = 60_000;
const MOST_REMEMBERED_FLOWS = 10_000;

/** What is allowed in one direction. */
export interface Allowance {
  /** Null is no limit. */
  readonly bytesPerSecond: number | null;
  readonly budget: BudgetState;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** One direction: a limiter, and the timer that lets those through whose turn has come. */
class Gate {
  readonly #limiter: FairLimiter<Waiting>;
  /** When each flow last had bytes, the longest ago first. */
  readonly #flows = new Map<string, number>();
  #allowance: Allowance = { bytesPerSecond: null, budget: 'none' };
  #timer: NodeJS.Timeout | undefined;
  #askedBytes = 0;

  constructor(
    private readonly direction: Direction,
    private readonly clock: () => number,
  ) {
    this.#limiter = new FairLimiter(clock());
  }

  get waitingBytes(): number {
    return this.#limiter.waitingBytes;
  }

  get bytesPerSecond(): number {
    return this.#allowance.bytesPerSecond ?? Number.POSITIVE_INFINITY;
  }

  /** The bytes that were asked for since the last time, and those that wait. */
  takeDemand(): { askedBytes: number; waitingBytes: number } {
    const askedBytes = this.#askedBytes;
    this.#askedBytes = 0;
    return { askedBytes, waitingBytes: this.waitingBytes };
  }

  allow(allowance: Allowance): void {
    this.#allowance = allowance;
    this.#limiter.limit(allowance.bytesPerSecond, this.clock());
    if (this.#refusesAll) for (const { reject } of this.#limiter.clear()) reject(refused());
    this.#admit();
  }

  async admit(bytes: number, flow: Flow, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#refuseWhenStopped(flow);
    this.#askedBytes += bytes;
    await this.#wait(bytes, pathOf(this.direction, flow), signal);
    this.#remember(flow);
  }

  #wait(bytes: number, path: readonly string[], signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { resolve, reject };
    const leave = () => {
      this.#limiter.remove(path, (other) => other === waiting);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#limiter.push(path, bytes, waiting);
    this.#admit();
    return promise.finally(() => signal.removeEventListener('abort', leave));
  }

  #admit(): void {
    clearTimeout(this.#timer);
    for (const { item } of this.#limiter.admit(this.clock())) item.resolve();
    if (this.#limiter.waitingBytes === 0) return;
    this.#timer = setTimeout(() => this.#admit(), Math.min(LONGEST_WAIT_MS, this.#limiter.dueInMs));
  }

  #refuseWhenStopped(flow: Flow): void {
    const isNew = this.#allowance.budget === 'soft-stop' && !this.#isUnderWay(flow);
    if (this.#refusesAll || (this.direction === 'sent' && isNew)) throw refused();
  }

  /** Downloads wait, for they are this node's own; a peer is refused, so that it asks elsewhere. */
  get #refusesAll(): boolean {
    return this.direction === 'sent' && this.#allowance.budget === 'hard-stop';
  }

  #isUnderWay(flow: Flow): boolean {
    return this.clock() - (this.#flows.get(keyOf(flow)) ?? Number.NEGATIVE_INFINITY) < UNDER_WAY_MS;
  }

  #remember(flow: Flow): void {
    if (this.direction === 'received') return;
    this.#flows.delete(keyOf(flow));
    this.#flows.set(keyOf(flow), this.clock());
    const [oldest] = this.#flows.keys();
    if (this.#flows.size > MOST_REMEMBERED_FLOWS && oldest !== undefined) this.#flows.delete(oldest);
  }
}

/** Keeps this replica's limits, fair among peers first for what is sent, among documents first for what is received. */
export class FairThrottle implements Throttle {
  readonly #gates: Readonly<Record<Direction, Gate>>;

  constructor(clock: () => number) {
    this.#gates = { received: new Gate('received', clock), sent: new Gate('sent', clock) };
  }

  admit(direction: Direction, bytes: number, flow: Flow, signal: AbortSignal): Promise<void> {
    return this.#gates[direction].admit(bytes, flow, signal);
  }

  /** Changes what is allowed, from now on. */
  allow(direction: Direction, allowance: Allowance): void {
    this.#gates[direction].allow(allowance);
  }

  /** What is allowed now; infinite without a limit. */
  bytesPerSecond(direction: Direction): number {
    return this.#gates[direction].bytesPerSecond;
  }

  /** The bytes that wait for their turn. */
  waitingBytes(direction: Direction): number {
    return this.#gates[direction].waitingBytes;
  }

  /** The bytes that were asked for since the last call, and those that wait. */
  takeDemand(direction: Direction): { askedBytes: number; waitingBytes: number } {
    return this.#gates[direction].takeDemand();
  }
}

const pathOf = (direction: Direction, { peerId, documentId }: Flow): readonly string[] =>
  direction === 'sent' ? [peerId, documentId] : [documentId, peerId];

const refused = (): FlowRefused => new FlowRefused('the traffic budget of this month is used up');

const keyOf = ({ peerId, documentId }: Flow): string => `${peerId} ${documentId}`;
