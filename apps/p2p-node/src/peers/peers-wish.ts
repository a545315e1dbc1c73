import { PeersSettings } from '@allibrary/contracts';
import type { Settings } from '@allibrary/messaging';
import type { PeerGatherer } from './peer-gatherer.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import type { PeerKeeper } from './peer-keeper.ts';

/** Who acts on what the owner wants of peers. */
export interface PeersWishOptions {
  readonly settings: Settings;
  readonly guard: PeerGuard;
  readonly keeper: PeerKeeper;
  readonly gatherer: PeerGatherer;
}

/** Carries what the owner wants of peers to those who act on it, at each change. */
export class PeersWish {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: PeersWishOptions) {}

  start(): void {
    this.#running = this.#follow();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #follow(): Promise<void> {
    const { settings, guard, keeper, gatherer } = this.options;
    for await (const { value } of settings.follow(PeersSettings, this.#stop.signal)) {
      guard.rules.follow(value);
      guard.enforce();
      keeper.followRules();
      gatherer.followRules();
    }
  }
}
