import { PeersSettings } from '@allibrary/contracts';
import type { Settings } from '@allibrary/messaging';
import type { PeerGatherer } from './peer-gatherer.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import type { PeerKeeper } from './peer-keeper.ts';

/** The parts that act on the owner's settings for peers. */
export interface PeersSettingsFollowerOptions {
  readonly settings: Pick<Settings, 'follow'>;
  readonly guard: PeerGuard;
  readonly keeper: PeerKeeper;
  readonly gatherer: PeerGatherer;
}

/** Applies the owner's settings for peers at each change. */
export class PeersSettingsFollower {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: PeersSettingsFollowerOptions) {}

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
