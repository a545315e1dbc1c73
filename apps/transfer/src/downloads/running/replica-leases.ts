import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { DownloadStore } from '../download-store.ts';
import type { DownloadEvent } from '../download-state.ts';
import type { DownloadRecord } from '../download-record.ts';
import { ReplicaWatch } from './replica-watch.ts';

/** A replica stores a beat with nearly each look; commands make it look more often. */
const BEAT_EVERY_MS = 900;

/** How many downloads may be claimed. */
export interface ClaimLimits {
  /** At work on the whole node. */
  readonly most: number;
  /** Only those that have fetched something before. */
  readonly onlyBegun: boolean;
}

/**
 * The leases of one replica. They hold while it stores beats; a rest is measured with the steady clock, so no time that
 * is stored or set decides.
 */
export class ReplicaLeases {
  /** Downloads that are kept from being claimed until a time of the steady clock. */
  readonly #resting = new Map<string, number>();
  readonly #replicas: ReplicaWatch;
  #beat = 0;
  #beatAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: DownloadStore,
    private readonly replica: string,
    private readonly clock: () => number,
    private readonly logger: Logger,
  ) {
    this.#replicas = new ReplicaWatch(replica, clock);
  }

  /** Takes the next downloads, as many as may be at work. */
  claim(limits: ClaimLimits): DownloadRecord[] {
    return this.store.claim(this.replica, this.#beat, limits);
  }

  /** The downloads that this replica has claimed and that do not rest. */
  get claimed(): Map<string, DownloadRecord> {
    return this.store.leasedBy(this.replica);
  }

  /** Gives a lease back, or keeps the download from being claimed for a while. */
  giveBack(id: string, event: DownloadEvent, restMs = 0): void {
    this.store.giveBack(id, this.replica, event, { rests: restMs > 0 });
    if (restMs > 0) this.#resting.set(id, this.clock() + restMs);
  }

  /** Shows the other replicas that this one is alive, while it has leases, and frees those of dead replicas. */
  keep(): void {
    for (const [id, untilMs] of this.#resting) {
      if (this.clock() < untilMs) continue;
      this.store.endRest(id, this.replica);
      this.#resting.delete(id);
    }
    const hasLeases = this.#resting.size > 0 || this.claimed.size > 0;
    if (hasLeases && this.clock() - this.#beatAtMs >= BEAT_EVERY_MS) {
      this.store.beat(this.replica, ++this.#beat);
      this.#beatAtMs = this.clock();
    }
    for (const { name, beat } of this.#replicas.dead(this.store.replicas())) {
      this.store.dropReplica(name, beat);
      this.logger.info({ replica: name }, 'replica dead, its downloads are free');
    }
  }

  /** Gives everything back; what can't be stored now lapses when the others miss this replica's beats. */
  close(): void {
    try {
      this.store.dropReplica(this.replica, this.#beat);
    } catch (error) {
      this.logger.warn({ error: describeError(error) }, 'leases not given back, they lapse');
    }
  }
}
