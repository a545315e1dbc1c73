import type { Collections } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Catalog } from './catalog.ts';
import type { Outbox } from './outbox.ts';
import type { WithheldCollections } from '../withholding/withheld-collections.ts';

/** Keeps the catalog true to which collections are public and which are withheld, and publishes what this changes. */
export class Visibility {
  #publishing = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly collections: Collections,
    private readonly withheld: Pick<WithheldCollections, 'reasonOf' | 'isComplete' | 'onChange'>,
    private readonly catalog: Catalog,
    private readonly outbox: Outbox,
    private readonly logger: Logger,
  ) {}

  /** Applies the settings now, and each change of them: what became private is refused from that moment on. */
  start(): void {
    this.#apply();
    this.collections.onChange(() => this.#apply());
    this.withheld.onChange(() => this.#apply());
  }

  /** Resolves when nothing more is published; the next start publishes the rest. */
  async close(): Promise<void> {
    this.#stopped = true;
    await this.#publishing;
  }

  #apply(): void {
    if (this.#stopped) return;
    this.catalog.setCollections(
      this.collections.all.map(({ collection }) => collection),
      (id) => this.withheld.reasonOf(id) !== null,
    );
    // A folder that has not been looked at yet is not served, but that is no news: it is a matter of moments.
    if (!this.withheld.isComplete) return;
    this.#publishing = this.#publishing
      .then(() => this.#publishAll())
      .catch((error: unknown) =>
        this.logger.warn({ error: describeError(error) }, 'changes of visibility are published later'),
      );
  }

  async #publishAll(): Promise<void> {
    await this.outbox.flush(); // files that left with a narrowed folder
    while (!this.#stopped && this.catalog.publishVisibility()) await this.outbox.flush();
  }
}
