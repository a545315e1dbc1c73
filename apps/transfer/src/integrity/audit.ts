import { setTimeout as delay } from 'node:timers/promises';
import type { AuditReport, FileFixity, Location } from '@allibrary/contracts';
import { type Collections, isMissing } from '@allibrary/library';
import { describeError, isNoSpace } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Catalog, FileRecord } from '../catalog/catalog.ts';
import { isDamage, isSameVersion } from './damage.ts';
import type { AuditReader, Reading } from './audit-reader.ts';
import type { CurrentAuditSettings } from './current-audit-settings.ts';
import type { DiskHealth } from '../disk/disk-health.ts';
import { Condition } from '../fetching/condition.ts';
import type { DamageStore, DueFile } from './damage-store.ts';
import { DirectFile } from './repair/direct-file.ts';
import { versionOf } from './file-version.ts';
import type { Repairs } from './repair/repairs.ts';

/** How often it looks whether a file's turn has come. */
const LOOK_EVERY_MS = 60_000;
/** How soon it goes on when nothing can be stored, such as while the disk is full. */
const RETRY_MS = 30_000;
const DAY_MS = 86_400_000;
const MOST_REPORTED = 100;

/** Collaborators of {@link Audit}. */
export interface AuditParts {
  readonly catalog: Catalog;
  readonly collections: Collections;
  readonly store: DamageStore;
  readonly reader: AuditReader;
  readonly repairs: Repairs;
  readonly settings: CurrentAuditSettings;
  readonly logger: Logger;
}

/** Reads all files in turn, one at a time and slowly, and records the damaged ones. */
export class Audit {
  readonly #stopping = new AbortController();
  readonly #condition = new Condition();
  #running: Promise<void> = Promise.resolve();
  #current: Location | null = null;

  constructor(
    private readonly parts: AuditParts,
    private readonly disk: Pick<DiskHealth, 'note'>,
    private readonly now: () => number,
  ) {}

  start(): void {
    this.parts.settings.follow(() => {
      this.#condition.notify();
      this.parts.reader.wake();
      this.parts.repairs.wake(); // they may have been turned on
    });
    this.#running = this.#run(this.#stopping.signal);
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the service stops'));
    await this.parts.settings.close();
    await this.#running;
  }

  /** Whether the owner wants an audit at all. */
  get isEnabled(): boolean {
    return this.parts.settings.value.enabled;
  }

  /** Puts the files of a document, or all, before the others; returns how many wait. */
  want(documentId: string | undefined): number {
    const files = this.parts.store.want(documentId);
    this.#condition.notify();
    return files;
  }

  report(): AuditReport {
    return {
      state: this.isEnabled ? (this.#current ? 'verifying' : 'idle') : 'off',
      current: this.#current,
      ...this.parts.store.counts(this.#dueBeforeMs),
      damagedFiles: this.parts.store.damagedFiles(MOST_REPORTED).map((file) => this.#explained(file)),
    };
  }

  fixityOf(documentId: string): FileFixity[] {
    return this.parts.store.fixityOf(documentId).map((file) => this.#explained(file));
  }

  #explained(file: Omit<FileFixity, 'reason'>): FileFixity {
    return { ...file, reason: file.state === 'damaged' ? this.parts.repairs.reason(file.location) : null };
  }

  get #dueBeforeMs(): number {
    return this.now() - this.parts.settings.value.everyDays * DAY_MS;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const due = this.isEnabled ? this.parts.store.nextDue(this.#dueBeforeMs) : undefined;
        if (due) await this.#verify(due, signal);
        else await this.#condition.wait(LOOK_EVERY_MS, signal);
      } catch (error) {
        this.disk.note(error);
        this.parts.logger.warn({ error: describeError(error) }, 'audit halted, retrying');
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #verify(due: DueFile, signal: AbortSignal): Promise<void> {
    const { catalog, store, logger } = this.parts;
    const file = catalog.file(due);
    if (!file) return store.looked(due, false);
    try {
      await this.#verifyFile(due, file, signal);
    } catch (error) {
      if (signal.aborted) return; // its turn comes again after the restart
      if (isNoSpace(error)) throw error; // its turn stays
      store.looked(due, false);
      if (!isMissing(error))
        logger.warn(
          { collection: due.collection, path: due.path, error: describeError(error) },
          'file not verified: check its disk',
        );
    } finally {
      this.#current = null;
    }
  }

  async #verifyFile(due: DueFile, file: FileRecord, signal: AbortSignal): Promise<void> {
    const { catalog, collections, store, reader } = this.parts;
    const open = await DirectFile.open(await collections.openFile(file));
    try {
      const before = versionOf(await open.stat());
      if (!isSameVersion(file, before)) return store.looked(due, false); // an edit, that ingest will read
      this.#current = { collection: file.collection, path: file.path };
      const reading = await reader.read(file, open, signal);
      const after = versionOf(await open.stat());
      if (isDamage(file, before, after)) return this.#conclude(due, file, reading);
      const recorded = catalog.file(file);
      store.looked(due, false);
      // Our own repair wrote in it meanwhile: it is read once more.
      if (recorded && isSameVersion(recorded, after)) store.want(file.documentId);
    } finally {
      await open.close();
    }
  }

  #conclude(due: DueFile, file: FileRecord, { damaged, sha256 }: Reading): void {
    const { catalog, store, repairs, logger } = this.parts;
    for (const index of damaged) store.damaged(file, index, 'audit'); // first: a crash must not lose it
    store.looked(due, damaged.length === 0);
    if (damaged.length === 0) catalog.setSha256(file.documentId, sha256);
    if (damaged.length > 0) {
      const { collection, path } = file;
      logger.warn({ collection, path, pieces: damaged.length }, 'audit found a damaged file, repairing it next');
    }
    repairs.wake(); // it also publishes what was stored
  }
}
