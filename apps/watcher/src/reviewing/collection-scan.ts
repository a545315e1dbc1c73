import { posix } from 'node:path';
import type { Clock } from '../known/clock.ts';
import type { ScanPosition } from '../known/collection-record.ts';
import type { KnownCollection } from '../known/known-collection.ts';
import type { SeenFile } from '../known/known-files.ts';
import type { ChangeNotifications } from '../seeing/change-notifications.ts';
import { type FolderView, versionOf } from '../seeing/folder-view.ts';
import { type FileBatch, walkFiles } from '../seeing/folder-walk.ts';
import { isUnchanged } from '../seeing/sighting.ts';
import type { ReviewSink } from './review-events.ts';
import type { ReviewQueue } from './review-queue.ts';
import type { ScanProgress } from './scan-progress.ts';
import type { SkippedFiles } from './skipped-files.ts';

/** How often the position of a scan is stored. */
const KEEP_POSITION_MS = 1_000;

/** The collaborators of the scans of one collection. */
export interface ScanParts {
  readonly view: FolderView;
  readonly known: Pick<KnownCollection, 'files' | 'record'>;
  /** Reports the changes in a folder from before it is read. */
  readonly changes: Pick<ChangeNotifications, 'watch'>;
  readonly reviews: Pick<ReviewQueue, 'consider'>;
  readonly skipped: Pick<SkippedFiles, 'note'>;
  readonly clock: Clock;
  readonly events: ReviewSink;
}

/** Scans a collection for changes that were not reported; many scans may run, each in a part of its own. */
export class CollectionScan {
  #progress: ScanProgress | null = null;

  constructor(private readonly parts: ScanParts) {}

  /** How far the full scan that runs has come; null between scans. */
  get progress(): ScanProgress | null {
    return this.#progress;
  }

  /** Whether the next full scan continues one that was interrupted. */
  get isInterrupted(): boolean {
    return this.parts.known.record.position !== null;
  }

  /**
   * Scans the whole folder of that identity. Returns the number of files, or undefined when it was interrupted or another
   * folder is in its place.
   */
  async runIn(identity: string, signal: AbortSignal): Promise<number | undefined> {
    const { view, known, clock } = this.parts;
    const files = await this.runFull(signal);
    const root = await view.checkRoot();
    if (signal.aborted || root.kind !== 'present' || root.identity !== identity) return undefined;
    known.record.lastScanAtMs = clock.wallMs();
    return files;
  }

  /** Scans the whole collection, or the rest of it when an earlier scan was interrupted. */
  async runFull(signal: AbortSignal): Promise<number> {
    const { known, clock } = this.parts;
    const { files, record } = known;
    const from = record.position;
    this.#progress = { startedAtMs: clock.wallMs(), filesSeen: 0, filesExpected: files.count };
    try {
      const seen = await this.#run({ folder: '', from, scan: from?.scan ?? record.beginScan() }, signal);
      if (!signal.aborted) record.position = null;
      return seen;
    } finally {
      this.#progress = null;
    }
  }

  /** Scans one folder, which may be gone with all that was in it. */
  async runFolder(folder: string, signal: AbortSignal): Promise<void> {
    const { view, known } = this.parts;
    if (view.patterns.patternForFolder(folder) !== null) return;
    await this.#run({ folder, from: null, scan: known.record.beginScan() }, signal);
  }

  async #run({ folder, from, scan }: Range, signal: AbortSignal): Promise<number> {
    const { view, known, changes, skipped, clock, events } = this.parts;
    const hadMissing = known.files.hasMissing;
    const keepPosition = folder === '' ? this.#positionKeeper(scan) : () => {};
    let seen = 0;
    const walk = walkFiles(
      {
        open: (each) => view.open(each),
        folder,
        resumeAt: from?.folder,
        patterns: view.patterns,
        onFolder: (each) => {
          keepPosition(each);
          return changes.watch(each);
        },
        onSkipped: (path, reason) => skipped.note(path, reason),
        onUnclear: (each) => known.files.markFolderSeen(each, scan),
      },
      signal,
    );
    for await (const batch of walk) {
      seen += batch.paths.length;
      await this.#compare(batch, scan);
      if (folder === '' && this.#progress) this.#progress = { ...this.#progress, filesSeen: seen };
    }
    if (!signal.aborted) known.files.markUnseen(folder, scan, clock.wallMs());
    if (hadMissing || known.files.hasMissing) events.push({ kind: 'missing-changed' });
    return seen;
  }

  async #compare({ folder, paths }: FileBatch, scan: number): Promise<void> {
    const { view, known, reviews } = this.parts;
    const versions = await Promise.all(
      paths.map((path) => folder.statEntry(posix.basename(path)).then(versionOf, () => null)), // null: it vanished
    );
    const seen: SeenFile[] = [];
    const changed: string[] = [];
    for (const [at, path] of paths.entries()) {
      const record = known.files.find(path);
      const version = versions[at];
      const isSame = record && version && isUnchanged(record, version, view.keepsInodes);
      if (record && version) seen.push({ id: record.id, inode: isSame ? version.inode : record.inode });
      if (!isSame) changed.push(path);
    }
    known.files.markSeen(seen, scan);
    for (const path of changed) await reviews.consider(path);
  }

  #positionKeeper(scan: number): (folder: string) => void {
    const { known, clock } = this.parts;
    let keptAtMs = Number.NEGATIVE_INFINITY;
    return (folder) => {
      const nowMs = clock.steadyMs();
      if (nowMs - keptAtMs < KEEP_POSITION_MS) return;
      keptAtMs = nowMs;
      known.record.position = { scan, folder };
    };
  }
}

interface Range {
  readonly folder: string;
  readonly from: ScanPosition | null;
  readonly scan: number;
}
