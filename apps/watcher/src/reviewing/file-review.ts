import type { Clock } from '../known/clock.ts';
import type { IgnorePatterns } from '../seeing/ignore-patterns.ts';
import { type FileVersion, type Sighting, isUnchanged } from '../seeing/sighting.ts';
import type { Settling } from './settling.ts';
import type { FileFactsPublisher } from '../known/file-facts.publisher.ts';
import type { FolderView } from '../seeing/folder-view.ts';
import type { KnownFile, KnownFiles } from '../known/known-files.ts';
import type { SkippedFiles } from './skipped-files.ts';

/** Why a path is looked at: somebody reported it, or a scan came across it. */
export type Origin = 'hint' | 'scan';

/** What a review stands on. */
export interface ReviewParts {
  readonly view: FolderView;
  readonly known: KnownFiles;
  readonly patterns: IgnorePatterns;
  readonly settling: Settling;
  readonly settleMs: number;
  readonly keepsInodes: () => boolean;
  readonly publisher: FileFactsPublisher;
  readonly skipped: SkippedFiles;
  readonly clock: Clock;
  /** Whether a folder was at the path when it was last looked through. */
  readonly wasFolder: (path: string) => boolean;
  /** A folder lies at the path, or did: only a scan tells what became of the files in it. */
  readonly onFolder: (path: string) => void;
  /** A known file went missing, or came back. */
  readonly onMissingChanged: () => void;
}

/** Looks at one path and says what there is to say of it: nothing, as long as it has not settled. */
export class FileReview {
  constructor(private readonly parts: ReviewParts) {}

  /** Rejects when a fact could not be published or recorded; the path then has to be reviewed again. */
  async review(path: string, origin: Origin): Promise<void> {
    const { view, settling, skipped, wasFolder, onFolder } = this.parts;
    const look = await view.look(path);
    if (look.kind !== 'folder' && look.skipped) skipped.note(path, look.skipped);
    else skipped.clear(path);
    if (look.kind === 'unclear') return settling.forget(path);
    const sighting = look.kind === 'folder' ? null : look.sighting;
    if (look.kind === 'folder' || wasFolder(path)) onFolder(path);
    if (sighting) await this.#present(path, sighting, origin);
    else this.#absent(path);
  }

  async #present(path: string, sighting: FileVersion, origin: Origin): Promise<void> {
    const { known, settling, keepsInodes, patterns, publisher } = this.parts;
    const record = known.find(path);
    if (record && isUnchanged(record, sighting, keepsInodes())) {
      settling.forget(path);
      this.#noteBack(path, record, sighting);
    } else if (patterns.patternFor(path) === null && this.#hasSettled(path, sighting, origin)) {
      await publisher.found(path, sighting);
      if (record?.isMissing || known.hasMissing) this.parts.onMissingChanged(); // it may be one that moved
    }
  }

  #noteBack(path: string, record: KnownFile, { inode }: FileVersion): void {
    if (!record.isMissing && record.inode === inode) return;
    this.parts.known.markPresent(path, inode);
    this.parts.onMissingChanged();
  }

  #absent(path: string): void {
    const { known, settling, clock, onMissingChanged } = this.parts;
    settling.forget(path);
    const record = known.find(path);
    if (!record || record.isMissing) return;
    known.markMissing(path, clock.wallMs());
    onMissingChanged();
  }

  #hasSettled(path: string, sighting: Sighting, origin: Origin): boolean {
    const { settling, settleMs, clock } = this.parts;
    const isFirstLook = !settling.has(path);
    const isOld = sighting !== null && clock.wallMs() - sighting.modifiedAtMs >= settleMs;
    // Reported just now, a file with an old date may still be written to: only a scan's word is taken for it.
    if (origin === 'scan' && isFirstLook && isOld) return true;
    return settling.see(path, sighting, clock.steadyMs());
  }
}
