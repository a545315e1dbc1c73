import { lstat } from 'node:fs/promises';
import type { Attention } from './attention.ts';
import { type Sighting, isSameSighting } from './domain/sighting.ts';
import type { KnownFiles } from './known-files.ts';
import { type LibraryFolder, versionOf } from './library-folder.ts';
import type { LibraryGuard } from './library-guard.ts';
import { walkFiles } from './library-walk.ts';
import type { SkippedFiles } from './skipped-files.ts';

const PAGE = 1_000;

/** The library can't be looked through; the message says why, and the remedy. */
export class LibraryOutOfReach extends Error {
  override readonly name = 'LibraryOutOfReach';
}

/** What a scan stands on. */
export interface ScanParts {
  readonly folder: LibraryFolder;
  readonly guard: LibraryGuard;
  readonly known: KnownFiles;
  readonly attention: Attention;
  readonly skipped: Pick<SkippedFiles, 'note'>;
}

/** Looks through the whole library for what changed while nobody saw it. */
export class LibraryScan {
  constructor(private readonly parts: ScanParts) {}

  /** Answers how many files there are; throws {@link LibraryOutOfReach}, and calls nothing lost, when that can't be told. */
  async run(signal: AbortSignal): Promise<number> {
    await this.#ensureInReach();
    await this.parts.guard.rememberHome();
    const seen = new SeenFiles(this.parts.known.highestId);
    const files = await this.#findChanged(seen, signal);
    await this.#ensureInReach();
    if (!signal.aborted) await this.#findLost(seen, signal);
    return files;
  }

  async #ensureInReach(): Promise<void> {
    const problem = await this.parts.guard.problem();
    if (problem) throw new LibraryOutOfReach(problem);
  }

  async #findChanged(seen: SeenFiles, signal: AbortSignal): Promise<number> {
    const { folder, skipped } = this.parts;
    let files = 0;
    for await (const paths of walkFiles(folder.root, (path, reason) => skipped.note(path, reason), signal)) {
      files += paths.length;
      await Promise.all(paths.map((path) => this.#compare(path, seen)));
    }
    return files;
  }

  async #compare(path: string, seen: SeenFiles): Promise<void> {
    const { known, folder, attention } = this.parts;
    const version = await lstat(folder.absolute(path)).then(versionOf, (): Sighting => null);
    const record = known.find(path);
    if (record && version) seen.add(record.id);
    if (!record || !isSameSighting(record, version)) await attention.consider(path);
  }

  /** Each path that was not seen gets a look of its own: only where that finds nothing, the file is lost. */
  async #findLost(seen: SeenFiles, signal: AbortSignal): Promise<void> {
    const { known, attention } = this.parts;
    let after = 0;
    for (let page = known.page(after, PAGE); page.length > 0 && !signal.aborted; page = known.page(after, PAGE)) {
      for (const { id, path } of page) {
        if (!seen.has(id)) await attention.consider(path);
        after = id;
      }
    }
  }
}

/** The known files that a scan came across: a byte for each, so that a million of them take a megabyte. */
class SeenFiles {
  readonly #marks: Uint8Array;

  constructor(private readonly highestId: number) {
    this.#marks = new Uint8Array(highestId + 1);
  }

  add(id: number): void {
    this.#marks[id] = 1;
  }

  /** A file that became known after the scan began counts as seen. */
  has(id: number): boolean {
    return id > this.highestId || this.#marks[id] === 1;
  }
}
