import type { Clock } from '../known/clock.ts';
import type { KnownCollection } from '../known/known-collection.ts';
import type { KnownFile } from '../known/known-files.ts';
import type { ChangeNotifications } from '../seeing/change-notifications.ts';
import type { FolderView } from '../seeing/folder-view.ts';
import { type FileVersion, isUnchanged } from '../seeing/sighting.ts';
import type { ReviewSink } from './review-events.ts';
import type { Settling } from './settling.ts';
import type { SkippedFiles } from './skipped-files.ts';

/** Why a path is reviewed: it was reported, or a scan came across it. */
export type Origin = 'hint' | 'scan';

/** The collaborators of the reviews. */
export interface ReviewParts {
  readonly view: FolderView;
  readonly known: KnownCollection;
  readonly changes: Pick<ChangeNotifications, 'isWatched'>;
  readonly settling: Settling;
  readonly skipped: SkippedFiles;
  readonly clock: Clock;
  readonly events: ReviewSink;
}

/** Inspects one path and publishes what follows from it; nothing as long as it has not settled. */
export class FileReview {
  constructor(private readonly parts: ReviewParts) {}

  /** Rejects when a fact could not be published or recorded; the path then has to be reviewed again. */
  async review(path: string, origin: Origin): Promise<void> {
    const { view, settling, skipped, events } = this.parts;
    const found = await view.inspect(path);
    if (found.kind !== 'folder' && found.skipped) skipped.note(path, found.skipped);
    else skipped.clear(path);
    if (found.kind === 'unclear') return settling.forget(path);
    const sighting = found.kind === 'folder' ? null : found.sighting;
    if (found.kind === 'folder' || this.#wasFolder(path)) events.push({ kind: 'folder-changed', path });
    if (sighting) await this.#present(path, sighting, origin);
    else this.#absent(path);
  }

  #wasFolder(path: string): boolean {
    return this.parts.changes.isWatched(path) || this.parts.known.files.hasIn(path);
  }

  async #present(path: string, sighting: FileVersion, origin: Origin): Promise<void> {
    const { view, known, settling } = this.parts;
    const record = known.files.find(path);
    if (record && isUnchanged(record, sighting, view.keepsInodes)) {
      settling.forget(path);
      this.#noteBack(path, record, sighting);
    } else if (view.patterns.patternFor(path) === null && this.#hasSettled(path, sighting, origin)) {
      await known.publisher.found(path, sighting);
      if (record?.isMissing || known.files.hasMissing) this.#missingChanged(); // it may be one that moved
    }
  }

  #noteBack(path: string, record: KnownFile, { inode }: FileVersion): void {
    if (!record.isMissing && record.inode === inode) return;
    this.parts.known.files.markPresent(path, inode);
    this.#missingChanged();
  }

  #absent(path: string): void {
    const { known, settling, clock } = this.parts;
    settling.forget(path);
    const record = known.files.find(path);
    if (!record || record.isMissing) return;
    known.files.markMissing(path, clock.wallMs());
    this.#missingChanged();
  }

  #missingChanged(): void {
    this.parts.events.push({ kind: 'missing-changed' });
  }

  #hasSettled(path: string, sighting: FileVersion, origin: Origin): boolean {
    const { settling, clock } = this.parts;
    const isFirst = !settling.has(path);
    const isOld = clock.wallMs() - sighting.modifiedAtMs >= settling.settleMs;
    // A file that was reported just now may still be written to, even with an old date. One that a scan finds is at rest.
    if (origin === 'scan' && isFirst && isOld) return true;
    return settling.see(path, sighting, clock.steadyMs());
  }
}
