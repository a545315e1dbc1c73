/** The watch's times, in milliseconds. */
export interface WatchTimes {
  readonly lookEvery: number;
  readonly answerLimit: number;
  /** A machine under load may be slow to answer once or twice. */
  readonly brokenAfter: number;
  /** After a full disk less patience is needed: the cause is known. */
  readonly brokenAfterShortage: number;
  /** A server that starts reads its whole store first. */
  readonly startLimit: number;
}

export const TIMES: WatchTimes = {
  ...{ lookEvery: 5_000, answerLimit: 5_000, startLimit: 120_000 },
  ...{ brokenAfter: 15_000, brokenAfterShortage: 5_000 },
};

/** What the watch does about the bus. */
export type BusAction = 'nothing' | 'restart' | 'wait-for-room';

/**
 * Decides when a bus is broken. nats-server 2.9 stops answering for good when its disk was full: it keeps its
 * connections, reports itself as healthy and ignores SIGTERM.
 */
export class BusJudge {
  #failingSinceMs: number | undefined;
  #startedAtMs: number;
  #hasAnswered = false;
  /** In this life of the server. */
  #hadShortage = false;
  #isSuspect = false;
  readonly #times: WatchTimes;

  constructor(nowMs: number, times = TIMES) {
    this.#startedAtMs = nowMs;
    this.#times = times;
  }

  /** Whether the disk was full since the bus last worked: only a write shows then that it works. */
  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** Takes in whether the bus worked, and whether its disk has room. */
  judge(worked: boolean, hasRoom: boolean, nowMs: number): BusAction {
    if (worked) {
      this.#failingSinceMs = undefined;
      this.#hasAnswered = true;
      this.#hadShortage = !hasRoom;
      this.#isSuspect = !hasRoom;
      return 'nothing';
    }
    this.#failingSinceMs ??= nowMs;
    this.#hadShortage ||= !hasRoom;
    this.#isSuspect ||= !hasRoom;
    if (this.#patienceLeftMs(nowMs) > 0) return 'nothing';
    return hasRoom ? 'restart' : 'wait-for-room';
  }

  #patienceLeftMs(nowMs: number): number {
    const failedForMs = nowMs - (this.#failingSinceMs ?? nowMs);
    if (this.#hadShortage) return this.#times.brokenAfterShortage - failedForMs;
    if (this.#hasAnswered) return this.#times.brokenAfter - failedForMs;
    return this.#times.startLimit - (nowMs - this.#startedAtMs);
  }

  /** Notes that the server was started again. */
  restarted(nowMs: number): void {
    this.#failingSinceMs = undefined;
    this.#hasAnswered = false;
    this.#hadShortage = false;
    this.#startedAtMs = nowMs;
  }
}
