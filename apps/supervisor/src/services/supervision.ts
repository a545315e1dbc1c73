import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { restartDelayMs, youngDeaths } from './back-off.ts';

const STOP_LIMIT_MS = 10_000;
/** A restart is for a program that hangs: it rarely ends by itself, so waiting longer is of no use. */
const RESTART_LIMIT_MS = 2_000;

/** A program to keep running. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A file that the process holds locked for as long as it lives; where it is locked already, the process ends. */
  readonly lock?: string;
  /** Done before each start of the process. */
  readonly prepare?: () => Promise<void>;
}

/** How a process ended. */
export interface Death {
  /** For people. */
  readonly how: string;
  /** Null when a signal ended it, or when it could not be started. */
  readonly exitCode: number | null;
}

/** What happens to a program, for people and for files. */
export interface Reports {
  readonly onLine: (program: string, line: string) => void;
  readonly onStart: (program: string, pid: number) => void;
  readonly onDeath: (program: string, death: Death, restartInMs: number) => void;
}

/**
 * Keeps one program running: a process that dies is started again, later each time it dies young. Its process ends with
 * ours, however ours ends: the kernel sends it SIGTERM (see {@link bound}), and a service also watches its IPC channel.
 */
export class Supervised {
  readonly #program: Program;
  readonly #reports: Reports;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(program: Program, reports: Reports) {
    this.#program = program;
    this.#reports = reports;
  }

  /** Starts the program, and again whenever it dies. */
  start(): void {
    this.#running = this.#keepRunning();
  }

  /** Starts the program no more, when it dies. */
  retire(): void {
    this.#stopping.abort();
  }

  /** Ends the program and waits until it has ended: politely, then not. */
  async stop(): Promise<void> {
    this.retire();
    const force = this.#end();
    await this.#running;
    clearTimeout(force);
  }

  /** Ends the process, politely, then not; another one takes its place. */
  async restart(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const force = this.#end(RESTART_LIMIT_MS);
    await ended;
    clearTimeout(force);
  }

  /** Asks the process to end; returns the timer that kills it, for a program that ignores the signal. */
  #end(limitMs = STOP_LIMIT_MS): NodeJS.Timeout {
    this.#child?.kill('SIGTERM');
    return setTimeout(() => this.#child?.kill('SIGKILL'), limitMs);
  }

  /** Ends the program at once. */
  kill(): void {
    this.retire();
    this.#child?.kill('SIGKILL');
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    for (let deaths = 0; !signal.aborted; ) {
      const startedAtMs = performance.now();
      const death = await this.#runOnce();
      if (signal.aborted) return;
      deaths = youngDeaths(deaths, performance.now() - startedAtMs);
      const restartInMs = restartDelayMs(deaths);
      this.#reports.onDeath(this.#program.name, death, restartInMs);
      await delay(restartInMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }

  /** One life of the process. */
  async #runOnce(): Promise<Death> {
    const { name, environment, prepare } = this.#program;
    try {
      await prepare?.();
    } catch (error) {
      return notStarted(error);
    }
    if (this.#stopping.signal.aborted) return { how: 'was not started', exitCode: null };
    const [command, ...args] = bound(this.#program);
    // Detached: Ctrl-C in a terminal reaches every process of its group, and the order of stopping is ours to keep.
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#reports.onLine(name, line));
    }
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    if (child.pid !== undefined) this.#reports.onStart(name, child.pid);
    try {
      const [code, signal] = await ended;
      return { how: signal ? `was ended by ${signal}` : `ended with code ${code}`, exitCode: code };
    } catch (error) {
      return notStarted(error);
    }
  }
}

const notStarted = (error: unknown): Death => ({
  how: `could not be started: ${(error as Error).message}`,
  exitCode: null,
});

const SETPRIV = '/usr/bin/setpriv';
const FLOCK = '/usr/bin/flock';

/**
 * The command of a program whose life is bound to ours by the kernel, where util-linux is there to ask it to. A service
 * that is still starting does not watch its IPC channel yet, and nats-server has none. The lock is inherited by the
 * program: the kernel releases it when the process is gone, however it ended.
 */
function bound({ command, args, lock }: Program): [string, ...string[]] {
  const bind = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--'] : [];
  const hold = lock && existsSync(FLOCK) ? [FLOCK, '--nonblock', '--no-fork', lock] : [];
  return [...bind, ...hold, command, ...args] as [string, ...string[]];
}
