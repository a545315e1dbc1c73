import { type Data, TransferDemand } from '@allibrary/contracts';
import { shareByNeed } from './fair/need-share.ts';
import type { Direction } from './fair/throttle.ts';

/** A replica that signals nothing for this long is gone, and its share is free. */
const SILENCE_LIMIT_MS = 2_000;

/** What a replica uses and wants in one direction. */
export type Demand = Data<typeof TransferDemand>['received'];

/** The other replicas of transfer on this bus, by the demand that they signal. */
export class Replicas {
  readonly #others = new Map<string, { demand: Data<typeof TransferDemand>; heardAtMs: number }>();

  constructor(
    readonly self: string,
    private readonly clock: () => number,
  ) {}

  /** Records the demand of a replica; that of this one is ignored. */
  hear(demand: Data<typeof TransferDemand>): void {
    if (demand.replica !== this.self) this.#others.set(demand.replica, { demand, heardAtMs: this.clock() });
  }

  /** This replica's part of a limit, by need. */
  share(direction: Direction, limit: number, own: Demand): number {
    const others = this.#living().map((demand) => demand[direction].neededBytesPerSecond);
    return shareByNeed(limit, own.neededBytesPerSecond, others);
  }

  /** How fast the bytes of the others flow, together. */
  bytesPerSecond(direction: Direction): number {
    return this.#living().reduce((sum, demand) => sum + demand[direction].bytesPerSecond, 0);
  }

  #living(): Data<typeof TransferDemand>[] {
    const deadline = this.clock() - SILENCE_LIMIT_MS;
    for (const [replica, { heardAtMs }] of this.#others) if (heardAtMs < deadline) this.#others.delete(replica);
    return [...this.#others.values()].map(({ demand }) => demand);
  }
}
