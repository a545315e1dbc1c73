import { setTimeout as delay } from 'node:timers/promises';
import { whyNotReady } from './readiness.ts';

const FIRST_LOOKS_EVERY_MS = 200;

/** The watch's times, in milliseconds. */
export interface ReadinessTimes {
  readonly lookEvery: number;
  /** The node starts without a service that is not ready by then, and prints the reason: its owner may have to act. */
  readonly startLimit: number;
}

const TIMES: ReadinessTimes = { lookEvery: 5_000, startLimit: 10_000 };

interface Watched {
  readonly name: string;
  readonly httpUrl: string;
}

/** Follows which services are not ready and why, and reports each change to the terminal. */
export class ReadinessWatch {
  readonly #services: readonly Watched[];
  readonly #times: ReadinessTimes;
  readonly #print: (line: string) => void;
  readonly #printed = new Map<string, string>();
  #before = new Map<string, string>();

  constructor(services: readonly Watched[], print: (line: string) => void, times = TIMES) {
    this.#times = times;
    this.#services = services;
    this.#print = print;
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

  /** Looks again and again until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.#times.lookEvery, undefined, { signal }).catch(() => {});
      const problems = await this.#problems();
      if (signal.aborted) return;
      // What is over at the next look, such as a restart, is not worth a line.
      this.#report(new Map([...problems].filter(([name]) => this.#before.has(name) || this.#printed.has(name))));
      this.#before = problems;
    }
  }

  async #problems(): Promise<Map<string, string>> {
    const looked = this.#services.map(async ({ name, httpUrl }) => [name, await whyNotReady(httpUrl)] as const);
    const found = await Promise.all(looked);
    return new Map(found.filter((entry): entry is [string, string] => entry[1] !== null));
  }

  #report(problems: ReadonlyMap<string, string>): void {
    for (const [name, problem] of problems) {
      if (this.#printed.get(name) !== problem) this.#print(`${name} is not ready: ${problem}`);
      this.#printed.set(name, problem);
    }
    for (const name of [...this.#printed.keys()].filter((each) => !problems.has(each))) {
      this.#print(`${name} is ready again.`);
      this.#printed.delete(name);
    }
  }
}
