/** Measures work, in milliseconds. */
export interface WorkClock {
  /** Monotonic time. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Share of the time that the work may use, and the most milliseconds that it may use at once after a pause. */
export interface WorkShare {
  readonly share: number;
  readonly burstMs: number;
}

type Work = () => Promise<void>;

const LEAST_WAIT_MS = 1;

/**
 * Shares the processor among the peers that cause one kind of work, and leaves some for everything else. Pieces of work
 * run one after the other. Each key has a queue, and the queues take turns: a flood by one key delays each other key by
 * one piece. Work is charged by the time it took, because the cost of a question depends on what this node stores. On a
 * busy machine that is more than the processor time it used, and the rest of this process keeps its share all the same.
 */
export class FairTurns {
  readonly #queues = new Map<string, Work[]>();
  #creditMs: number;
  #atMs: number;
  #isWorking = false;

  constructor(
    private readonly limit: WorkShare,
    private readonly clock: WorkClock,
  ) {
    this.#creditMs = limit.burstMs;
    this.#atMs = clock.now();
  }

  /** Runs the work when it is the key's turn; resolves or rejects as the work does. */
  run<T>(key: string, work: () => T | Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const turn = async (): Promise<void> => {
      try {
        resolve(await work());
      } catch (error) {
        reject(error);
      }
    };
    const queue = this.#queues.get(key);
    if (queue) queue.push(turn);
    else this.#queues.set(key, [turn]);
    this.#workOn().catch(() => {}); // each turn catches its own failure
    return promise;
  }

  async #workOn(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#queues.size > 0) {
      await this.#untilCredit();
      const startedAtMs = this.clock.now();
      await this.#takeNext()?.();
      this.#creditMs -= this.clock.now() - startedAtMs;
    }
    this.#isWorking = false;
  }

  /** The next turn; its key goes behind all others. */
  #takeNext(): Work | undefined {
    for (const [key, queue] of this.#queues) {
      const next = queue.shift();
      this.#queues.delete(key);
      if (queue.length > 0) this.#queues.set(key, queue);
      return next;
    }
    return undefined;
  }

  async #untilCredit(): Promise<void> {
    for (this.#refill(); this.#creditMs <= 0; this.#refill()) {
      const waitMs = Math.max(LEAST_WAIT_MS, -this.#creditMs / this.limit.share);
      await this.clock.wait(waitMs);
    }
  }

  #refill(): void {
    const nowMs = this.clock.now();
    const { share, burstMs } = this.limit;
    this.#creditMs = Math.min(burstMs, this.#creditMs + (nowMs - this.#atMs) * share);
    this.#atMs = nowMs;
  }
}
