import { setTimeout as delay } from 'node:timers/promises';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { Bus } from './bus.ts';
import type { EventConsumer } from './event-consumer.ts';
import { provisionStreams } from './streams.ts';

/** Between two repairs: a broker that loses everything again and again must not keep this process busy. */
const PAUSE_MS = 1_000;

/** What upkeep needs. */
export interface UpkeepParts {
  readonly bus: Bus;
  readonly consumers: readonly Pick<EventConsumer, 'repair' | 'start'>[];
  readonly onProblem: (error: unknown) => void;
}

/** Provisions streams and durables, and does so again whenever the broker may have lost some of them. */
export class Upkeep {
  readonly #stopping = new AbortController();
  #isRunning = false;
  #isWanted = false;
  #hasReconnected = false;
  #forgetReconnects = () => {};

  constructor(private readonly parts: UpkeepParts) {}

  /** Provisions all streams and durables, before this process publishes its first fact. */
  async prepare(): Promise<JetStreamManager> {
    return (await this.#repair()).manager;
  }

  /** Starts the consumers, and repairs them after each reconnect and when one of them is gone. */
  async start(): Promise<void> {
    await this.#startConsumers();
    this.#forgetReconnects = this.parts.bus.onReconnect(() => {
      this.#hasReconnected = true;
      this.request();
    });
  }

  stop(): void {
    this.#forgetReconnects();
    this.#stopping.abort();
  }

  /** Asks for a repair; the requests that come during one are served by the next. */
  request(): void {
    this.#isWanted = true;
    if (!this.#isRunning) this.#run(this.#stopping.signal).catch(() => {});
  }

  /** Never rejects: what fails is reported and tried again. */
  async #run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false;
      try {
        await this.#repairAndRestart();
      } catch (error) {
        this.#isWanted = true;
        if (!signal.aborted) this.parts.onProblem(error);
      }
      await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
    this.#isRunning = false;
  }

  async #repairAndRestart(): Promise<void> {
    const { created } = await this.#repair();
    if (this.#stopping.signal.aborted) return;
    await this.#startConsumers();
    const isGap = created > 0 || this.#hasReconnected;
    this.#hasReconnected = false;
    if (isGap) this.parts.bus.reportGap();
  }

  async #repair(): Promise<{ manager: JetStreamManager; created: number }> {
    const manager = await provisionStreams(this.parts.bus);
    let created = 0;
    for (const consumer of this.parts.consumers) created += Number(await consumer.repair(manager));
    return { manager, created };
  }

  async #startConsumers(): Promise<void> {
    for (const consumer of this.parts.consumers) await consumer.start(() => this.request());
  }
}
