import { type Rate, RateLimit } from './rate-limit.ts';

/** How often this node dials unverified addresses. */
export interface DialRates {
  /** One host, whatever its ports: it may be a victim that attackers make many peers name. */
  readonly perHost: Rate;
  readonly inTotal: Rate;
}

const MOST_HOSTS = 10_000;
const ALL = '';

/** Rate limit for dials to unverified addresses: peers that name victims' addresses cannot make us attack them. */
export class DialBudget {
  readonly #perHost: RateLimit;
  readonly #inTotal: RateLimit;

  constructor({ perHost, inTotal }: DialRates) {
    this.#perHost = new RateLimit(perHost, MOST_HOSTS);
    this.#inTotal = new RateLimit(inTotal, 1);
  }

  /** Whether the host may be dialled now; it is counted when it may. */
  take(host: string, nowMs: number): boolean {
    return this.#perHost.take(host, nowMs) && this.#inTotal.take(ALL, nowMs);
  }
}
