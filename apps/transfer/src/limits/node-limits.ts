import { setTimeout as delay } from 'node:timers/promises';
import {
  type BudgetState,
  type Limits,
  LimitsSettings,
  TrafficCounted,
  TransferDemand,
  type TrafficReport,
} from '@allibrary/contracts';
import { type Bus, type Settings, describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import { type LimitsInForce, limitsInForce } from './limits-in-force.ts';
import { type LocalTime, dayOf, localTime } from './local-time.ts';
import {
  type BudgetMonth,
  type TrafficBytes,
  budgetMonth,
  budgetState,
  budgetStateOf,
  countedBytes,
  forecastBytes,
} from './traffic/traffic-budget.ts';
import type { Direction } from './fair/throttle.ts';
import type { Traffic } from './traffic/traffic.ts';
import type { FairThrottle } from './fair/fair-throttle.ts';
import type { Demand, Replicas } from './replicas.ts';
import type { TrafficLedger } from './traffic/traffic-ledger.ts';

/** How often demand is signalled and shares are computed: a change is in force within this time. */
const TICK_MS = 500;
/** How often the ledger goes to the stream, from where it comes back when the read model is lost. */
const PUBLISH_EVERY_MS = 600_000;
const FOLLOW_AGAIN_MS = 2_000;
const NO_DEMAND: Demand = { bytesPerSecond: 0, neededBytesPerSecond: 0 };

/** Collaborators of {@link NodeLimits}. */
export interface NodeLimitsOptions {
  readonly settings: Settings;
  readonly bus: Bus;
  readonly throttle: FairThrottle;
  readonly traffic: Traffic;
  readonly ledger: TrafficLedger;
  readonly replicas: Replicas;
  readonly logger: Logger;
}

/** Puts the owner's limits in force in this replica: the settings, the schedule, the budget, and its share of them. */
export class NodeLimits {
  readonly #stopping = new AbortController();
  #work: Promise<unknown> = Promise.resolve();
  #limits: Limits = LimitsSettings.schema.parse({});
  #used: TrafficBytes = { received: 0, sent: 0 };
  #month: BudgetMonth;
  #demands: Record<Direction, Demand> = { received: NO_DEMAND, sent: NO_DEMAND };
  #tick: NodeJS.Timeout | undefined;
  #tickedAtMs: number;
  #publishedAtMs: number;
  #problem: string | undefined;

  constructor(
    private readonly options: NodeLimitsOptions,
    /** The wall clock: for schedules and months. */
    private readonly now: () => number,
    /** The steady clock: for durations. */
    private readonly clock: () => number,
  ) {
    this.#tickedAtMs = this.#publishedAtMs = clock();
    this.#month = budgetMonth(this.#localTime, this.#limits.budget.firstDay);
  }

  /** Puts in force what is wanted now, and follows it; rejects when the settings can't be read. */
  async open(): Promise<void> {
    this.#limits = (await this.options.settings.read(LimitsSettings)).value;
    this.#putInForce();
    this.#tick = setInterval(() => this.#look(), TICK_MS);
    this.#work = Promise.all([this.#keepOn(() => this.#follow()), this.#keepOn(() => this.#listen())]);
  }

  /** Stops, with what was counted on the stream. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('the service stops'));
    clearInterval(this.#tick);
    await this.#work;
    this.#storeTraffic();
    await this.#publishTraffic().catch((error: unknown) => this.#warn(error, 'last traffic not published'));
  }

  /** How many documents are fetched at once. */
  get activeDownloads(): number {
    return this.#limits.activeDownloads;
  }

  /** Whether the budget allows downloads. */
  get downloadBudget(): BudgetState {
    return budgetStateOf('received', this.#limits.budget, this.#used);
  }

  /** The limits of this moment. */
  get inForce(): LimitsInForce {
    return limitsInForce(this.#limits, this.now(), this.#used);
  }

  /** How fast the bytes of all replicas flow. */
  bytesPerSecond(direction: Direction): number {
    return this.options.traffic.bytesPerSecond(direction) + this.options.replicas.bytesPerSecond(direction);
  }

  /** The month's bytes so far. */
  get used(): TrafficBytes {
    return this.#used;
  }

  /** The traffic as people ask for it. */
  report(): TrafficReport {
    const { budget } = this.#limits;
    const counted = countedBytes(budget, this.#used);
    return {
      downloadBytesPerSecond: this.bytesPerSecond('received'),
      uploadBytesPerSecond: this.bytesPerSecond('sent'),
      limits: this.inForce,
      month: {
        since: this.#month.since,
        receivedBytes: this.#used.received,
        sentBytes: this.#used.sent,
        countedBytes: counted,
        budgetBytes: budget.bytesPerMonth,
        forecastBytes: forecastBytes(counted, this.#month),
        budget: budgetState(budget, this.#used),
      },
    };
  }

  get #localTime(): LocalTime {
    return localTime(this.now(), this.#limits.timeZone);
  }

  #publishTraffic(): Promise<void> {
    const { ledger, bus } = this.options;
    return ledger.publish((fact) => bus.publish(TrafficCounted, fact));
  }

  #storeTraffic(): void {
    this.options.ledger.store(dayOf(this.#localTime));
  }

  async #follow(): Promise<void> {
    for await (const { value } of this.options.settings.follow(LimitsSettings, this.#stopping.signal)) {
      this.#limits = value;
      this.#putInForce();
    }
  }

  async #listen(): Promise<void> {
    for await (const demand of this.options.bus.watch(TransferDemand, this.#stopping.signal))
      this.options.replicas.hear(demand);
  }

  /** Does the work again when it fails: until then, what was in force stays so. */
  async #keepOn(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await work().catch((error: unknown) => this.#warn(error, 'limits are not followed, retrying'));
      await delay(FOLLOW_AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** What can't be done now, such as while the read model is locked, is done the next time. */
  #look(): void {
    try {
      this.#takeStock();
      this.#problem = undefined;
    } catch (error) {
      const problem = describeError(error);
      if (problem !== this.#problem) this.#warn(error, 'limits could not be updated, retrying');
      this.#problem = problem;
    }
  }

  /** Measures and signals the demand of this replica, and stores the ledger. */
  #takeStock(): void {
    const { bus, replicas } = this.options;
    this.#storeTraffic();
    const seconds = Math.max(1, this.clock() - this.#tickedAtMs) / 1_000;
    this.#tickedAtMs = this.clock();
    this.#demands = { received: this.#demandOf('received', seconds), sent: this.#demandOf('sent', seconds) };
    bus.signal(TransferDemand, { replica: replicas.self, ...this.#demands });
    this.#putInForce();
    if (this.clock() - this.#publishedAtMs < PUBLISH_EVERY_MS) return;
    this.#publishedAtMs = this.clock();
    this.#publishTraffic().catch((error: unknown) => this.#warn(error, 'traffic is published later'));
  }

  /** What was asked for goes on being asked for, and what waits should be through within a second. */
  #demandOf(direction: Direction, seconds: number): Demand {
    const { askedBytes, waitingBytes } = this.options.throttle.takeDemand(direction);
    const bytesPerSecond = this.options.traffic.bytesPerSecond(direction);
    return { bytesPerSecond, neededBytesPerSecond: askedBytes / seconds + waitingBytes };
  }

  /** Takes this replica's share of the limits of this moment. */
  #putInForce(): void {
    this.#month = budgetMonth(this.#localTime, this.#limits.budget.firstDay);
    this.#used = this.options.ledger.since(this.#month.since);
    const { downloadBytesPerSecond, uploadBytesPerSecond } = this.inForce;
    this.#allow('received', downloadBytesPerSecond);
    this.#allow('sent', uploadBytesPerSecond);
  }

  #allow(direction: Direction, limit: number | null): void {
    const { throttle, replicas } = this.options;
    throttle.allow(direction, {
      bytesPerSecond: limit === null ? null : replicas.share(direction, limit, this.#demands[direction]),
      budget: budgetStateOf(direction, this.#limits.budget, this.#used),
    });
  }

  #warn(error: unknown, message: string): void {
    this.options.logger.warn({ error: describeError(error) }, message);
  }
}
