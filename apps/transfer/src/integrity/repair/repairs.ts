import type { Location } from '@allibrary/contracts';
import type { Collections } from '@allibrary/library';
import { describeError, isNoSpace } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Outbox } from '../../catalog/outbox.ts';
import type { DiskHealth } from '../../disk/disk-health.ts';
import type { CurrentAuditSettings } from '../current-audit-settings.ts';
import { Condition } from '../../fetching/condition.ts';
import type { DamageStore } from '../damage-store.ts';
import type { PieceRepair } from './piece-repair.ts';
import type { PieceWriter } from './piece-writer.ts';

/** How often failed repairs are retried; new damage triggers a retry as well. */
const AGAIN_MS = 600_000;
/** How soon it goes on when nothing can be stored, such as while the disk is full. */
const STORE_AGAIN_MS = 30_000;

/** Collaborators of {@link Repairs}. */
export interface RepairsParts {
  readonly catalog: Catalog;
  readonly collections: Collections;
  readonly store: DamageStore;
  readonly outbox: Outbox;
  readonly writer: PieceWriter;
  readonly repair: PieceRepair;
  readonly logger: Logger;
}

/** Repairs damaged files, one after the other, until none is left that can be repaired. */
export class Repairs {
  readonly #stopping = new AbortController();
  readonly #condition = new Condition();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: RepairsParts,
    private readonly settings: CurrentAuditSettings,
    private readonly disk: Pick<DiskHealth, 'note'>,
  ) {}

  /** Goes on with what an earlier run left, and from then on with whatever is noticed. */
  start(): void {
    this.#running = this.#run(this.#stopping.signal);
  }

  /** To be called when damage was noticed. */
  wake(): void {
    this.#condition.notify();
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the service stops'));
    await this.#running;
  }

  /** What becomes of the damage of a file, for people. */
  reason({ collection, path }: Location): string {
    if (!this.#isWritable(collection)) {
      return `Its collection is read-only: put a good copy of ${path} in its place, or make the collection writable.`;
    }
    if (!this.settings.value.repair) {
      return 'Repairs are off: put a good copy in its place, or turn on `repair` in the settings `audit`.';
    }
    return 'It is repaired as soon as a good copy is found, on this node or, for a public document, at a peer.';
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.parts.outbox.publishSoon();
      const isDone = await this.#repairAll(signal);
      this.parts.outbox.publishSoon();
      await this.#condition.wait(isDone ? AGAIN_MS : STORE_AGAIN_MS, signal);
    }
  }

  /** Returns false when something could not be stored, such as while the disk is full. */
  async #repairAll(signal: AbortSignal): Promise<boolean> {
    try {
      await this.parts.writer.settleBroken(); // what could not be stored the last time
      for (const location of this.parts.store.files()) await this.#repair(location, signal);
      return true;
    } catch (error) {
      this.parts.logger.warn({ error: describeError(error) }, 'repairs halted, retrying');
      this.disk.note(error);
      return false;
    }
  }

  async #repair(location: Location, signal: AbortSignal): Promise<void> {
    const { catalog, repair, writer, logger } = this.parts;
    const file = catalog.file(location);
    if (!file || signal.aborted || !this.settings.value.repair || !this.#isWritable(location.collection)) return;
    try {
      if (await repair.repair(file, signal)) logger.info(location, 'damaged file repaired');
      else logger.warn(location, 'damaged file not repaired: no connected library has its damaged pieces, retrying');
    } catch (error) {
      if (signal.aborted) return;
      if (isNoSpace(error)) throw error;
      logger.warn({ ...location, error: describeError(error) }, 'damaged file not repaired, retrying');
    } finally {
      await writer.settleBroken();
    }
  }

  #isWritable(collection: string): boolean {
    return this.parts.collections.find(collection)?.collection.writable === true;
  }
}
