import { setTimeout as delay } from 'node:timers/promises';
import { Silence } from './silence.ts';
import { standingOf } from './readiness.ts';

const FIRST_LOOKS_EVERY_MS = 200;

/** The watch's times, in milliseconds. */
export interface ReadinessTimes {
  readonly lookEvery: number;
  readonly answerLimit: number;
  /** The node starts without a service that is not ready by then, and prints the reason: its owner may have to act. */
  readonly startLimit: number;
  /** A service that has not answered for this long is restarted. */
  readonly hungAfter: number;
}

export const TIMES: ReadinessTimes = { lookEvery: 5_000, answerLimit: 3_000, startLimit: 10_000, hungAfter: 30_000 };

interface Watched {
  readonly name: string;
  readonly httpUrl: string;
}

/** Receives what the watch finds. */
export interface ReadinessReports {
  readonly print: (line: string) => void;
  /** Ends the process of a service that hangs; another one takes its place. */
  readonly restart: (service: string) => Promise<void>;
}

/** Follows which services are not ready and why, reports each change to the terminal, and restarts those that hang. */
export class ReadinessWatch {
  readonly #services: readonly Watched[];
  readonly #times: ReadinessTimes;
  readonly #reports: ReadinessReports;
  readonly #silence: Silence;
  readonly #printed = new Map<string, string>();
  #before = new Map<string, string>();

  constructor(services: readonly Watched[], reports: ReadinessReports, times = TIMES) {
    this.#times = times;
    this.#services = services;
    this.#reports = reports;
    this.#silence = new Silence(times.hungAfter);
  }

  /** Waits until all are ready, or until it is clear that some need more than time; reports the reasons of those. */
  async start(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + this.#times.startLimit;
    for (;;) {
      const problems = await this.#problems();
      if (problems.size === 0) return;
      if (performance.now() > deadline) return this.#report(problems);
      await delay(FIRST_LOOKS_EVERY_MS, undefined, { signal });
    }
  }

  /** Checks at intervals until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.#times.lookEvery, undefined, { signal }).catch(() => {});
      const problems = await this.#problems();
      if (signal.aborted) return;
      // A problem that is over at the next check, such as a restart, is not worth a line.
      this.#report(new Map([...problems].filter(([name]) => this.#before.has(name) || this.#printed.has(name))));
      this.#before = problems;
      await Promise.all(this.#services.map(({ name }) => this.#restartIfHung(name)));
    }
  }

  async #restartIfHung(service: string): Promise<void> {
    if (!this.#silence.isHung(service, performance.now())) return;
    const seconds = Math.round(this.#times.hungAfter / 1_000);
    this.#reports.print(`${service} has not answered its health checks for ${seconds} s: it hangs and is restarted.`);
    await this.#reports.restart(service);
  }

  /** Records that a program has a new process, which may need time until its first answer. */
  restarted(program: string): void {
    this.#silence.restarted(program);
  }

  async #problems(): Promise<Map<string, string>> {
    const looked = this.#services.map(async ({ name, httpUrl }) => {
      const { answered, problem } = await standingOf(httpUrl, this.#times.answerLimit);
      this.#silence.note(name, answered, performance.now());
      return [name, problem] as const;
    });
    const found = await Promise.all(looked);
    return new Map(found.filter((entry): entry is [string, string] => entry[1] !== null));
  }

  #report(problems: ReadonlyMap<string, string>): void {
    for (const [name, problem] of problems) {
      if (this.#printed.get(name) !== problem) this.#reports.print(`${name} is not ready: ${problem}`);
      this.#printed.set(name, problem);
    }
    for (const name of [...this.#printed.keys()].filter((each) => !problems.has(each))) {
      this.#reports.print(`${name} is ready again.`);
      this.#printed.delete(name);
    }
  }
}
