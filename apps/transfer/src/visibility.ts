import type { Collections } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Catalog } from './catalog.ts';
import type { Outbox } from './outbox.ts';

/** Keeps the catalog true to which collections are public, and says of which documents this has changed. */
export class Visibility {
  #saying = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly collections: Collections,
    private readonly catalog: Catalog,
    private readonly outbox: Outbox,
    private readonly logger: Logger,
  ) {}

  /** Takes in what the owner wants now, and each change of it: what became private is refused from that moment on. */
  start(): void {
    this.#apply();
    this.collections.onChange(() => this.#apply());
  }

  /** Resolves when nothing more is said; the next start says the rest. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#saying;
  }

  #apply(): void {
    if (this.#stopped) return;
    this.catalog.setPublic(this.collections.all.map(({ collection }) => collection));
    this.#saying = this.#saying
      .then(() => this.#sayAll())
      .catch((error: unknown) =>
        this.logger.warn(
          { error: describeError(error) },
          'peers may still be told of documents that became private, until this can be said: it is said at the next fact',
        ),
      );
  }

  async #sayAll(): Promise<void> {
    while (!this.#stopped && this.catalog.sayVisibility()) await this.outbox.flush();
  }
}
