import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import type { NatsUser } from './bus-plan.ts';

/** The watch's times, in milliseconds. */
export interface WatchTimes {
  readonly lookEvery: number;
  readonly answerLimit: number;
  /** A machine under load may be slow to answer once or twice. */
  readonly brokenAfter: number;
  /** A server that starts reads its whole store first. */
  readonly startLimit: number;
}

const TIMES: WatchTimes = { lookEvery: 5_000, answerLimit: 5_000, brokenAfter: 15_000, startLimit: 120_000 };

/** With less a server could not even write its own state. */
const LEAST_FREE_BYTES = 1_048_576;

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
  readonly #times: WatchTimes;

  constructor(nowMs: number, times = TIMES) {
    this.#startedAtMs = nowMs;
    this.#times = times;
  }

  /** Takes in whether the bus answered, and whether its disk has room. */
  judge(answered: boolean, hasRoom: boolean, nowMs: number): BusAction {
    if (answered) {
      this.#failingSinceMs = undefined;
      this.#hasAnswered = true;
      return 'nothing';
    }
    this.#failingSinceMs ??= nowMs;
    const limitMs = this.#hasAnswered ? this.#times.brokenAfter : this.#times.startLimit;
    const sinceMs = this.#hasAnswered ? this.#failingSinceMs : this.#startedAtMs;
    if (nowMs - sinceMs < limitMs) return 'nothing';
    return hasRoom ? 'restart' : 'wait-for-room';
  }

  /** Notes that the server was started again. */
  restarted(nowMs: number): void {
    this.#failingSinceMs = undefined;
    this.#hasAnswered = false;
    this.#startedAtMs = nowMs;
  }
}

/** What the watch needs to know of the bus. */
export interface WatchedBus {
  readonly url: string;
  readonly operator: NatsUser;
  readonly folder: string;
  readonly restart: () => Promise<void>;
}

/** Looks at the bus until the signal aborts, and starts it again when it is broken and its disk has room. */
export async function watchBus(
  bus: WatchedBus,
  say: (line: string) => void,
  signal: AbortSignal,
  times = TIMES,
): Promise<void> {
  const judge = new BusJudge(performance.now(), times);
  for (let last: BusAction = 'nothing'; !signal.aborted; ) {
    await delay(times.lookEvery, undefined, { signal }).catch(() => {}); // told to stop: the loop ends
    const problem = await jetStreamProblem(bus, times.answerLimit);
    if (signal.aborted) return;
    const action = judge.judge(problem === null, await hasRoom(bus.folder), performance.now());
    if (action === 'wait-for-room' && last !== action)
      say(`The bus is broken and ${bus.folder} has no room: make some.`);
    if (action === 'restart') {
      say(`The bus does not answer (${problem}): nats-server is started again.`);
      await bus.restart();
      judge.restarted(performance.now());
    }
    last = action;
  }
}

/** Whether the disk of a folder has room for the bus to work; a folder that cannot be read has none. */
export async function hasRoom(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize >= LEAST_FREE_BYTES;
  } catch {
    return false;
  }
}

/** Why JetStream does not answer; null when it does. */
export async function jetStreamProblem(
  { url, operator }: Pick<WatchedBus, 'url' | 'operator'>,
  limitMs = TIMES.answerLimit,
): Promise<string | null> {
  try {
    const credentials = { user: operator.name, pass: operator.password };
    const connection = await connect({ servers: url, ...credentials, reconnect: false, timeout: limitMs });
    try {
      const reply = await connection.request('$JS.API.INFO', undefined, { timeout: limitMs });
      const { error } = reply.json<{ error?: { description?: string } }>();
      return error ? (error.description ?? 'JetStream is off') : null;
    } finally {
      // A server that is stopped or stuck never confirms that a connection is closed.
      connection.close().catch(() => {});
    }
  } catch (error) {
    return (error as Error).message;
  }
}
