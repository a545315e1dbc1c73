import type { FreezeLimits } from '@allibrary/contracts';
import type { Clock } from '../known/clock.ts';
import type { CollectionRecord } from '../known/collection-record.ts';
import { type Verdict, judge } from './vanishing.ts';
import type { FileFactsPublisher } from '../known/file-facts.publisher.ts';
import type { FolderView } from '../seeing/folder-view.ts';
import type { KnownFiles, MissingFile } from '../known/known-files.ts';

/** How many losses are published at once; before each batch it is seen whether the folder is still there. */
const BATCH = 32;
const MOST_EXAMPLES = 3;
/** A file that never comes to rest must not hold up for ever what is said of the others. */
const LONGEST_HOLD_MS = 60_000;

/** What losses stand on. */
export interface LossesParts {
  readonly view: FolderView;
  readonly known: KnownFiles;
  readonly record: CollectionRecord;
  readonly publisher: FileFactsPublisher;
  readonly limits: () => FreezeLimits;
  readonly clock: Clock;
  /** How long a path is missing before it is called lost. */
  readonly holdMs: number;
  /** Whether no path waits to be reviewed: one of them may tell that a missing file has only moved. */
  readonly isQuiet: () => boolean;
  /** A file that was missing is there. */
  readonly onFoundAgain: (path: string) => void;
  readonly onFrozen: (verdict: Verdict & { kind: 'freeze' }) => void;
  readonly onHealed: () => void;
}

/**
 * Holds back what is missing until it can be judged as a whole: a file that moved is found at its new path first, and
 * a mount that broke takes nothing with it.
 */
export class Losses {
  /** When this came up, and when it last changed; undefined when there is nothing to judge. */
  #held: { sinceMs: number; changedAtMs: number } | undefined;
  #isCompared = false;
  #scannedRoot: string | undefined;

  constructor(private readonly parts: LossesParts) {
    if (parts.known.hasMissing) this.changed();
  }

  /** What is missing has changed. */
  changed(): void {
    const nowMs = this.parts.clock.steadyMs();
    this.#held = { sinceMs: this.#held?.sinceMs ?? nowMs, changedAtMs: nowMs };
  }

  /** Takes in, durably, that all that is missing now was really deleted. */
  confirm(): void {
    const { known, record, clock } = this.parts;
    // A clock that was set back since then must not leave anything out.
    record.confirmedAtMs = Math.max(clock.wallMs(), known.latestMissingMs);
    this.changed();
  }

  /** Judges what is missing, if it is time, and publishes what may be called lost; rejects when that fails. */
  async settle(signal: AbortSignal): Promise<void> {
    if (!this.#isDue()) return;
    const root = await this.parts.view.root();
    this.#held = undefined;
    if (root.kind !== 'present') return this.changed(); // it is seen again a while later
    try {
      await this.#judge(root.identity, signal);
    } catch (error) {
      this.changed();
      throw error;
    }
  }

  /** The folder has been looked through: if all is well with what it holds, it is the one to compare with from now on. */
  adopt(identity: string): void {
    // A new read model knows no files yet: on the mount point of an absent disk it would adopt the wrong folder.
    if (this.parts.record.root === null && !this.#isCompared) {
      this.#scannedRoot ??= identity;
      return;
    }
    if (this.#verdict(identity).kind === 'believe') this.parts.record.root = identity;
  }

  /** All files that the catalog holds of this collection are known here by now. */
  catalogCompared(): void {
    this.#isCompared = true;
    // Where some were unknown, the root that held them is unknown as well: the next scan tells whether they are here.
    if (this.#scannedRoot !== undefined && this.parts.record.root === null) this.adopt(this.#scannedRoot);
  }

  async #judge(identity: string, signal: AbortSignal): Promise<void> {
    const { known, record, clock, onFrozen, onHealed } = this.parts;
    const confirmedAtMs = record.confirmedAtMs;
    if (confirmedAtMs !== null) {
      record.root = identity;
      if (!(await this.#publish(confirmedAtMs, identity, signal))) return; // the rest follows when it can be said
      record.confirmedAtMs = null;
    }
    const verdict = this.#verdict(identity);
    const wasFrozen = record.freeze !== null;
    if (verdict.kind === 'freeze') {
      record.freeze = { evidence: verdict.evidence, remedy: verdict.remedy };
      if (!wasFrozen) onFrozen(verdict);
      return;
    }
    if (wasFrozen) {
      record.freeze = null;
      onHealed();
    }
    await this.#publish(Math.max(clock.wallMs(), known.latestMissingMs), identity, signal);
  }

  #isDue(): boolean {
    const { clock, holdMs, isQuiet } = this.parts;
    if (!this.#held) return false;
    const nowMs = clock.steadyMs();
    if (nowMs - this.#held.sinceMs >= Math.max(LONGEST_HOLD_MS, 2 * holdMs)) return true;
    return nowMs - this.#held.changedAtMs >= holdMs && isQuiet();
  }

  #verdict(identity: string): Verdict {
    const { known, record, limits } = this.parts;
    const examples = known.missingPage(0, Number.MAX_VALUE, MOST_EXAMPLES).map(({ path }) => path);
    const expected = record.root ?? this.#scannedRoot;
    const isRootExchanged = expected !== undefined && expected !== identity;
    return judge({ knownFiles: known.count, missingFiles: known.countVanished(), isRootExchanged, examples }, limits());
  }

  /**
   * Publishes what was missing by then, page by page; what came back, or can't be seen now, is not called lost. Answers
   * whether it came to the end.
   */
  async #publish(untilMs: number, identity: string, signal: AbortSignal): Promise<boolean> {
    const { known, view } = this.parts;
    const next = (afterId: number) => known.missingPage(afterId, untilMs, BATCH);
    for (let page = next(0); page.length > 0; page = next(page.at(-1)?.id ?? 0)) {
      const root = await view.root();
      // When it went away in the middle of this, what is missing from now on has another reason.
      if (signal.aborted || root.kind !== 'present' || root.identity !== identity) {
        this.changed();
        return false;
      }
      await Promise.all(page.map((file) => this.#say(file)));
    }
    return true;
  }

  async #say({ path }: MissingFile): Promise<void> {
    const { view, known, publisher, onFoundAgain } = this.parts;
    const look = await view.look(path);
    if (look.kind === 'folder' || (look.kind === 'clear' && look.sighting === null)) {
      await publisher.lost(path, 'gone');
      return;
    }
    known.markPresent(path, null);
    onFoundAgain(path);
  }
}
