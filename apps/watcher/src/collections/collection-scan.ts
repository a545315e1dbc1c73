import { posix } from 'node:path';
import type { Attention } from '../reviewing/attention.ts';
import type { Clock } from '../known/clock.ts';
import type { CollectionRecord, ScanPosition } from '../known/collection-record.ts';
import type { IgnorePatterns } from '../seeing/ignore-patterns.ts';
import type { ScanProgress } from './scan-progress.ts';
import { isUnchanged } from '../seeing/sighting.ts';
import { type FolderView, versionOf } from '../seeing/folder-view.ts';
import { type FileBatch, walkFiles } from '../seeing/folder-walk.ts';
import type { KnownFiles, SeenFile } from '../known/known-files.ts';
import type { SkippedFiles } from '../reviewing/skipped-files.ts';

/** How often the position of a scan is kept. */
const KEEP_POSITION_MS = 1_000;

/** What a scan stands on. */
export interface ScanParts {
  readonly view: Pick<FolderView, 'open'>;
  readonly known: KnownFiles;
  readonly record: CollectionRecord;
  readonly patterns: IgnorePatterns;
  readonly attention: Pick<Attention, 'consider'>;
  readonly skipped: Pick<SkippedFiles, 'note'>;
  readonly clock: Clock;
  readonly keepsInodes: () => boolean;
  /** A folder is about to be read: from now on its changes must be reported. */
  readonly onFolder: (folder: string) => Promise<void>;
  /** Known files went missing, or came back. */
  readonly onMissingChanged: () => void;
}

/** Looks through a collection for what changed while nobody saw it; many may run, each in a part of its own. */
export class CollectionScan {
  #progress: ScanProgress | null = null;

  constructor(private readonly parts: ScanParts) {}

  /** How far the full scan that runs has come; null between scans. */
  get progress(): ScanProgress | null {
    return this.#progress;
  }

  /** Looks through the whole collection, or through the rest of it where an earlier scan was cut short. */
  async runFull(signal: AbortSignal): Promise<number> {
    const { known, record, clock } = this.parts;
    const from = record.position;
    this.#progress = { startedAtMs: clock.wallMs(), filesSeen: 0, filesExpected: known.count };
    try {
      const files = await this.#run({ folder: '', from, scan: from?.scan ?? record.beginScan() }, signal);
      if (!signal.aborted) record.position = null;
      return files;
    } finally {
      this.#progress = null;
    }
  }

  /** Looks through one folder, which may be gone with all that was in it. */
  async runIn(folder: string, signal: AbortSignal): Promise<void> {
    await this.#run({ folder, from: null, scan: this.parts.record.beginScan() }, signal);
  }

  async #run({ folder, from, scan }: Range, signal: AbortSignal): Promise<number> {
    const { view, known, patterns, skipped, onFolder, onMissingChanged, clock } = this.parts;
    const hadMissing = known.hasMissing;
    const keepPosition = folder === '' ? this.#positionKeeper(scan) : () => {};
    let files = 0;
    const walk = walkFiles(
      {
        open: (each) => view.open(each),
        folder,
        resumeAt: from?.folder,
        patterns,
        onFolder: (each) => {
          keepPosition(each);
          return onFolder(each);
        },
        onSkipped: (path, reason) => skipped.note(path, reason),
        onUnclear: (each) => known.markFolderSeen(each, scan),
      },
      signal,
    );
    for await (const batch of walk) {
      files += batch.paths.length;
      await this.#compare(batch, scan);
      if (folder === '' && this.#progress) this.#progress = { ...this.#progress, filesSeen: files };
    }
    if (!signal.aborted) known.markUnseen(folder, scan, clock.wallMs());
    if (hadMissing || known.hasMissing) onMissingChanged();
    return files;
  }

  async #compare({ folder, paths }: FileBatch, scan: number): Promise<void> {
    const { known, attention, keepsInodes } = this.parts;
    const versions = await Promise.all(
      paths.map((path) => folder.statEntry(posix.basename(path)).then(versionOf, () => null)), // null: it vanished
    );
    const seen: SeenFile[] = [];
    const changed: string[] = [];
    for (const [at, path] of paths.entries()) {
      const record = known.find(path);
      const version = versions[at];
      const isSame = record && version && isUnchanged(record, version, keepsInodes());
      if (record && version) seen.push({ id: record.id, inode: isSame ? version.inode : record.inode });
      if (!isSame) changed.push(path);
    }
    known.markSeen(seen, scan);
    for (const path of changed) await attention.consider(path);
  }

  #positionKeeper(scan: number): (folder: string) => void {
    const { record, clock } = this.parts;
    let keptAtMs = Number.NEGATIVE_INFINITY;
    return (folder) => {
      const nowMs = clock.steadyMs();
      if (nowMs - keptAtMs < KEEP_POSITION_MS) return;
      keptAtMs = nowMs;
      record.position = { scan, folder };
    };
  }
}

interface Range {
  readonly folder: string;
  readonly from: ScanPosition | null;
  readonly scan: number;
}
