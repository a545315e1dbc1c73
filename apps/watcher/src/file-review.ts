import type { Clock } from './clock.ts';
import { type Sighting, isSameSighting } from './domain/sighting.ts';
import type { Settling } from './domain/settling.ts';
import type { FileFactsPublisher } from './file-facts.publisher.ts';
import type { KnownFiles } from './known-files.ts';
import type { LibraryFolder } from './library-folder.ts';
import type { LibraryGuard } from './library-guard.ts';
import type { SkippedFiles } from './skipped-files.ts';

/** Why a path is looked at: somebody reported it, or a scan came across it. */
export type Origin = 'hint' | 'scan';

/** What a review stands on. */
export interface ReviewParts {
  readonly folder: LibraryFolder;
  readonly guard: LibraryGuard;
  readonly known: KnownFiles;
  readonly settling: Settling;
  readonly settleMs: number;
  readonly publisher: FileFactsPublisher;
  readonly skipped: SkippedFiles;
  readonly clock: Clock;
  /** A file seems to be lost, but so does the library: a scan has to find out. */
  readonly onDoubt: () => void;
}

/** Looks at one path and says what there is to say of it: nothing, as long as it has not settled. */
export class FileReview {
  constructor(private readonly parts: ReviewParts) {}

  /** Rejects when a fact could not be published or recorded; the path then has to be reviewed again. */
  async review(path: string, origin: Origin): Promise<void> {
    const { folder, known, settling, skipped } = this.parts;
    const look = await folder.look(path);
    if (look.skipped) skipped.note(path, look.skipped);
    else skipped.clear(path);
    if (look.kind === 'unclear' || isSameSighting(look.sighting, known.find(path) ?? null)) {
      settling.forget(path);
    } else if (this.#hasSettled(path, look.sighting, origin)) {
      await this.#publish(path, look.sighting);
    }
  }

  #hasSettled(path: string, sighting: Sighting, origin: Origin): boolean {
    const { settling, settleMs, clock } = this.parts;
    const isFirstLook = !settling.has(path);
    const isOld = sighting !== null && clock.wallMs() - sighting.modifiedAtMs >= settleMs;
    // Reported just now, a file with an old date may still be written to: only a scan's word is taken for it.
    if (origin === 'scan' && isFirstLook && isOld) return true;
    return settling.see(path, sighting, clock.steadyMs());
  }

  async #publish(path: string, sighting: Sighting): Promise<void> {
    const { guard, publisher, onDoubt } = this.parts;
    if (sighting) await publisher.found(path, sighting);
    else if ((await guard.problem()) === null) await publisher.lost(path);
    else onDoubt();
  }
}
