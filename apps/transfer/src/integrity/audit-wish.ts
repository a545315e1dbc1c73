import { AuditSettings, type AuditWishes } from '@allibrary/contracts';
import type { Settings } from '@allibrary/messaging';

/** What the owner wants of the audit, as it is now. */
export class AuditWish {
  readonly #stopping = new AbortController();
  #following: Promise<void> = Promise.resolve();

  private constructor(
    private readonly settings: Settings,
    private current: AuditWishes,
  ) {}

  /** Reads what is wanted now. */
  static async open(settings: Settings): Promise<AuditWish> {
    return new AuditWish(settings, (await settings.read(AuditSettings)).value);
  }

  get value(): AuditWishes {
    return this.current;
  }

  /** Follows the settings until closed; what was wanted before holds while they can't be read. */
  follow(onChange: () => void): void {
    this.#following = this.#follow(onChange, this.#stopping.signal);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }

  async #follow(onChange: () => void, signal: AbortSignal): Promise<void> {
    for await (const { value } of this.settings.follow(AuditSettings, signal)) {
      this.current = value;
      onChange();
    }
  }
}
