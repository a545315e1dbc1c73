/** Facts published at a steady rate, and what became of each. */
import { setInterval as ticks } from 'node:timers/promises';
import { FileFound } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';

/** Publishes that files were found which are not there: transfer looks for each, and that changes nothing. */
export class SteadyLoad {
  readonly paths: readonly string[];
  readonly failures: unknown[] = [];
  readonly #storedAtMs: number[] = [];

  constructor(
    private readonly bus: Bus,
    facts: number,
    private readonly perSecond: number,
  ) {
    this.paths = Array.from({ length: facts }, (_, number) => `load/${String(number).padStart(6, '0')}.txt`);
  }

  /** How many facts the broker has confirmed. */
  get stored(): number {
    return this.#storedAtMs.length;
  }

  /** The longest time in which the broker confirmed nothing. */
  get longestPauseMs(): number {
    return Math.max(...this.#storedAtMs.slice(1).map((atMs, before) => atMs - (this.#storedAtMs[before] ?? atMs)));
  }

  /** Publishes all of them, none waiting for another. */
  async run(): Promise<void> {
    const waiting = this.paths.values();
    const publishing: Promise<void>[] = [];
    for await (const _ of ticks(1_000 / this.perSecond)) {
      const { value: path } = waiting.next();
      if (path === undefined) break;
      publishing.push(this.#publish(path));
    }
    await Promise.all(publishing);
  }

  async #publish(path: string): Promise<void> {
    try {
      await this.bus.publish(FileFound, {
        collection: 'library',
        path,
        sizeBytes: 1,
        modifiedAtMs: 1,
        observedAtMs: Date.now(),
      });
      this.#storedAtMs.push(performance.now());
    } catch (error) {
      this.failures.push(error);
    }
  }
}
