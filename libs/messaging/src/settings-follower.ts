import type { SettingsOf, SettingsSection } from '@allibrary/contracts';
import type { Revised, Settings } from './settings.ts';

/** Applies each value of one section of the settings, until it is closed. */
export class SettingsFollower<S extends SettingsSection> {
  readonly #closing = new AbortController();
  readonly #following: Promise<void>;

  constructor(
    settings: Pick<Settings, 'follow'>,
    section: S,
    private readonly apply: (revised: Revised<SettingsOf<S>>) => void,
  ) {
    this.#following = this.#follow(settings, section);
  }

  /** Resolves when no value is applied any more; rejects when applying one has failed. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(settings: Pick<Settings, 'follow'>, section: S): Promise<void> {
    for await (const revised of settings.follow(section, this.#closing.signal)) this.apply(revised);
  }
}
