import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, CollectionStatus } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Attention } from '../reviewing/attention.ts';
import type { ChangeNotices } from '../seeing/change-notices.ts';
import type { Clock } from '../known/clock.ts';
import type { CollectionRecord } from '../known/collection-record.ts';
import type { CollectionScan } from './collection-scan.ts';
import { isInFolder } from '../seeing/folder-order.ts';
import type { IgnorePatterns } from '../seeing/ignore-patterns.ts';
import { etaMs } from './scan-progress.ts';
import type { FolderView, RootState } from '../seeing/folder-view.ts';
import type { KnownFiles } from '../known/known-files.ts';
import type { Losses } from '../reviewing/losses.ts';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';

/** How often it is seen whether something is due. */
const BEAT_MS = 100;
const TELL_MS = 1_000;
/** How often it is seen whether the folder is still the one that it was: a mount that goes away reports nothing. */
const ROOT_LOOK_MS = 2_000;
/** How long a scan waits after notices were lost: whoever makes so many changes is not done yet. */
const OVERFLOW_PAUSE_MS = 1_000;
/** So many folders wait for a look of their own; beyond, the whole collection is looked through. */
const ROOM_FOR_FOLDERS = 1_000;

/** What the watch of a collection stands on. */
export interface WatchParts {
  readonly collection: Collection;
  readonly view: FolderView;
  readonly patterns: IgnorePatterns;
  readonly known: KnownFiles;
  readonly record: CollectionRecord;
  readonly scan: CollectionScan;
  readonly attention: Attention;
  readonly losses: Losses;
  readonly notices: ChangeNotices;
  readonly metrics: WatcherMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly rescanMs: number;
  readonly pollMs: number;
  readonly onChange: (status: CollectionStatus) => void;
}

type PresentRoot = RootState & { kind: 'present' };

/** Keeps an eye on one collection: by the file system's notices, and by scans for what these missed. */
export class CollectionWatch {
  readonly #stopping = new AbortController();
  readonly #folders = new Set<string>();
  #running: Promise<unknown> | undefined;
  #isInFolders = false;
  #isScanWanted = true;
  #scannedAtMs: number | undefined;
  #noScanBeforeMs = Number.NEGATIVE_INFINITY;
  #root: RootState | undefined;
  #rootSeenAtMs = Number.NEGATIVE_INFINITY;
  #said = '';

  constructor(private readonly parts: WatchParts) {}

  get collection(): Collection {
    return this.parts.collection;
  }

  /** Whether a file has the same inode for as long as it exists. */
  get keepsInodes(): boolean {
    return this.#root?.kind === 'present' && this.#root.fileSystem.keepsInodes;
  }

  /** Starts; a folder that is out of reach is waited for. */
  start(): void {
    const { signal } = this.#stopping;
    this.#running = Promise.all([
      this.#repeat(() => this.#lookAtRoot()),
      this.#repeat(() => this.#scanIfDue(signal)),
      this.#repeat(() => this.#scanFolders(signal)),
      this.#repeat(() => this.parts.losses.settle(signal)),
      this.#repeat(async () => this.#tell(), TELL_MS),
    ]);
  }

  /** Asks for a scan of a folder, '' being the whole collection, now, or right after the one that runs. */
  requestScan(folder = ''): void {
    if (folder === '') this.#rootSeenAtMs = Number.NEGATIVE_INFINITY;
    if (folder === '' || this.#folders.size >= ROOM_FOR_FOLDERS) this.#isScanWanted = true;
    else this.#folders.add(folder);
  }

  /** Notices were lost: the whole collection is scanned after a pause. */
  noticesLost(): void {
    this.#noScanBeforeMs = this.parts.clock.steadyMs() + OVERFLOW_PAUSE_MS;
    this.requestScan();
  }

  /** Whether no folder waits to be looked through by itself. */
  get isQuiet(): boolean {
    return this.#folders.size === 0 && !this.#isInFolders;
  }

  /** How the collection stands. */
  get status(): CollectionStatus {
    const { collection, record, known, attention, scan, notices } = this.parts;
    const problem = this.#root?.kind === 'unavailable' ? this.#root : record.freeze;
    const { progress } = scan;
    return {
      id: collection.id,
      state: this.#state(),
      evidence: problem?.evidence.slice(0, 1_000) ?? null,
      remedy: problem?.remedy ?? null,
      folderIdentity: record.root,
      watchMode: notices.choice.mode,
      watchModeReason: notices.choice.reason.slice(0, 500),
      knownFiles: known.count,
      waitingFiles: attention.waiting,
      scan: progress && { ...progress, etaMs: etaMs(progress, this.parts.clock.wallMs()) },
      lastScanAtMs: record.lastScanAtMs,
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.parts.attention.stop();
    await this.#running;
    await this.parts.notices.stop();
  }

  #state(): CollectionStatus['state'] {
    const { record } = this.parts;
    if (this.#root?.kind === 'unavailable') return 'unavailable';
    if (record.freeze) return 'frozen';
    return record.lastScanAtMs === null ? 'scanning' : 'watching';
  }

  /** Does the work again and again until the end; what fails is said once, and tried again. */
  async #repeat(work: () => Promise<void>, everyMs = BEAT_MS): Promise<void> {
    const { signal } = this.#stopping;
    let problem: string | undefined;
    while (!signal.aborted) {
      try {
        await work();
        problem = undefined;
      } catch (error) {
        const again = describeError(error);
        if (again !== problem && !signal.aborted) this.#warn(again, 'it is tried again');
        problem = again;
      }
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  async #scanIfDue(signal: AbortSignal): Promise<void> {
    const { clock, rescanMs, pollMs } = this.parts;
    const intervalMs = this.parts.notices.choice.mode === 'events' ? rescanMs : Math.min(pollMs, rescanMs);
    const isDue = this.#scannedAtMs === undefined || clock.steadyMs() - this.#scannedAtMs >= intervalMs;
    if (this.#root?.kind !== 'present' || !(isDue || this.#isScanWanted)) return;
    if (clock.steadyMs() < this.#noScanBeforeMs) return;
    this.#isScanWanted = false;
    try {
      await this.#scan(this.#root, signal);
    } catch (error) {
      this.#rootSeenAtMs = Number.NEGATIVE_INFINITY;
      this.#isScanWanted = true;
      throw error;
    }
  }

  async #scan({ identity }: PresentRoot, signal: AbortSignal): Promise<void> {
    const { scan, record, metrics, logger, clock, losses, collection } = this.parts;
    const startedAtMs = clock.steadyMs();
    this.#isScanWanted ||= record.position !== null; // what was done before the restart may have changed since
    const files = await scan.runFull(signal);
    const root = await this.parts.view.root();
    if (signal.aborted || root.kind !== 'present' || root.identity !== identity) return;
    losses.adopt(identity);
    this.#scannedAtMs = clock.steadyMs();
    const seconds = (this.#scannedAtMs - startedAtMs) / 1_000;
    record.lastScanAtMs = clock.wallMs();
    metrics.scanned(seconds, clock.wallMs());
    logger.info({ collection: collection.id, files, seconds }, 'a collection was looked through');
  }

  async #scanFolders(signal: AbortSignal): Promise<void> {
    this.#isInFolders = true;
    try {
      for (const folder of this.#folders) {
        this.#folders.delete(folder);
        if (this.#root?.kind !== 'present' || signal.aborted) return;
        if (![...this.#folders].some((other) => isInFolder(folder, other))) await this.parts.scan.runIn(folder, signal);
      }
    } catch (error) {
      this.#isScanWanted = true; // it finds what is left out here
      throw error;
    } finally {
      this.#isInFolders = false;
    }
  }

  /** Sees whether the folder is there, and the same; watches the one that is there now. */
  async #lookAtRoot(): Promise<void> {
    const { view, clock } = this.parts;
    if (clock.steadyMs() - this.#rootSeenAtMs < ROOT_LOOK_MS) return;
    const before = this.#root;
    this.#root = await view.root();
    this.#rootSeenAtMs = clock.steadyMs();
    if (this.#root.kind === 'unavailable') return this.#noteUnavailable(before, this.#root);
    if (before?.kind === 'present' && before.identity === this.#root.identity) return;
    this.#isScanWanted = true;
    await this.parts.notices.begin(this.#root);
  }

  #noteUnavailable(before: RootState | undefined, { evidence, remedy }: RootState & { kind: 'unavailable' }): void {
    if (before?.kind !== 'unavailable') this.#warn(evidence, `nothing is called lost. ${remedy}`);
  }

  /** Whether a folder was at the path when it was last looked through. */
  wasFolder(path: string): boolean {
    return this.parts.notices.isWatched(path) || this.parts.known.hasIn(path);
  }

  /** A folder appeared, vanished, or was replaced at the path. */
  folderChanged(path: string): void {
    this.parts.notices.forget(path);
    if (this.parts.patterns.patternForFolder(path) === null) this.requestScan(path);
  }

  #warn(what: string, consequence: string): void {
    this.parts.logger.warn(
      { collection: this.parts.collection.id },
      `a collection has a problem: ${what}; ${consequence}`,
    );
  }

  /** Says what changed, if anything did. */
  #tell(): void {
    const { status } = this;
    const text = JSON.stringify(status);
    if (text === this.#said) return;
    this.#said = text;
    this.parts.onChange(status);
  }
}
