import { setTimeout as delay } from 'node:timers/promises';
import { PeersSettings } from '@allibrary/contracts';
import { type Bus, Settings, describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { PeerGatherer } from './peer-gatherer.ts';
import type { PeerGuard } from './peer-guard.ts';
import type { PeerKeeper } from './peer-keeper.ts';

const RETRY_AFTER_MS = 5_000;

/** Who acts on what the owner wants of peers. */
export interface PeersWishOptions {
  readonly bus: Bus;
  readonly guard: PeerGuard;
  readonly keeper: PeerKeeper;
  readonly gatherer: PeerGatherer;
  readonly logger: Logger;
}

/** Carries what the owner wants of peers to those who act on it: at the start, and whenever it changes. */
export class PeersWish {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: PeersWishOptions) {}

  /** Returns when the rules hold, also for those who came in before. */
  async start(): Promise<void> {
    const { bus, guard } = this.options;
    const settings = await Settings.open(bus);
    guard.rules.follow((await settings.read(PeersSettings)).value);
    guard.enforce();
    this.#running = this.#follow(settings);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #follow(settings: Settings): Promise<void> {
    const { guard, keeper, gatherer, logger } = this.options;
    const { signal } = this.#stop;
    for (; !signal.aborted; await delay(RETRY_AFTER_MS, undefined, { signal }).catch(() => {})) {
      try {
        for await (const { value } of settings.follow(PeersSettings, signal)) {
          guard.rules.follow(value);
          guard.enforce();
          keeper.followRules();
          gatherer.followRules();
        }
      } catch (error) {
        logger.warn({ error: describeError(error) }, 'the peers settings can not be followed: it is tried again');
      }
    }
  }
}
