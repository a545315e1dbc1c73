import { setTimeout as delay } from 'node:timers/promises';

/** What work is measured by, in milliseconds: the time that passes, and the processor time that this thread used. */
export interface WorkClock {
  readonly now: () => number;
  readonly used: () => number;
}

/** Clock of this thread. Processor time, because a busy machine makes all work look long. */
export const threadClock: WorkClock = {
  now: () => performance.now(),
  used: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  },
};

/** Share of the time that the work may take, and how many milliseconds of it may be used at once after a rest. */
export interface WorkShare {
  readonly share: number;
  readonly burstMs: number;
}

type Work = () => Promise<void>;

const LEAST_WAIT_MS = 1;

/**
 * Shares the processor among those who cause one kind of work, and leaves some for everything else. Pieces of work run one
 * after the other. Each key has a queue, and the queues take turns: one that asks without end delays the others by one
 * piece each. Work is charged by the time that it used, because what a question costs depends on what this node stores.
 */
export class FairTurns {
  readonly #queues = new Map<string, Work[]>();
  #creditMs: number;
  #atMs: number;
  #isWorking = false;

  constructor(
    private readonly limit: WorkShare,
    private readonly clock: WorkClock = threadClock,
  ) {
    this.#creditMs = limit.burstMs;
    this.#atMs = clock.now();
  }

  /** Does the work when it is the key's turn; settles as the work does. */
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
    void this.#workOn();
    return promise;
  }

  async #workOn(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#queues.size > 0) {
      await this.#untilCredit();
      const usedMs = this.clock.used();
      await this.#takeNext()?.();
      this.#creditMs -= this.clock.used() - usedMs;
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
      await delay(waitMs, undefined, { ref: false });
    }
  }

  #refill(): void {
    const nowMs = this.clock.now();
    const { share, burstMs } = this.limit;
    this.#creditMs = Math.min(burstMs, this.#creditMs + (nowMs - this.#atMs) * share);
    this.#atMs = nowMs;
  }
}
