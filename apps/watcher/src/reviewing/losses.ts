import type { FreezeLimits } from '@allibrary/contracts';
import type { Logger } from '@allibrary/platform';
import type { Clock } from '../known/clock.ts';
import type { KnownCollection } from '../known/known-collection.ts';
import type { MissingFile } from '../known/known-files.ts';
import type { FolderView } from '../seeing/folder-view.ts';
import type { ReviewSink } from './review-events.ts';
import { type Verdict, judge } from './vanishing.ts';

/** How many losses are published at once; before each batch the folder is checked again. */
const BATCH = 32;
const MOST_EXAMPLES = 3;
/** A file that never comes to rest must not hold up the losses of the others for longer. */
const LONGEST_HOLD_MS = 60_000;

/** The collaborators of the losses. */
export interface LossesParts {
  readonly view: FolderView;
  readonly known: KnownCollection;
  readonly limits: { readonly freezeLimits: FreezeLimits };
  /** How long a path is missing before it is published as lost. */
  readonly holdMs: number;
  readonly clock: Clock;
  readonly events: ReviewSink;
  readonly log: Logger;
}

/**
 * Holds missing files back until they can be judged as a whole: a file that moved is found at its new path first, and no
 * file is lost because a mount broke.
 */
export class Losses {
  /** When something went missing, and when that last changed; undefined when there is nothing to judge. */
  #held: { sinceMs: number; changedAtMs: number } | undefined;
  #isCompared = false;
  /** The folder of this process's first full scan. */
  #scannedRoot: string | undefined;

  constructor(private readonly parts: LossesParts) {
    if (parts.known.files.hasMissing) this.changed();
  }

  /** A known file went missing or came back. */
  changed(): void {
    const nowMs = this.parts.clock.steadyMs();
    this.#held = { sinceMs: this.#held?.sinceMs ?? nowMs, changedAtMs: nowMs };
  }

  /** Stores, durably, that all that is missing now was really deleted. */
  confirm(): void {
    const { known, clock } = this.parts;
    // A clock that was set back since then must not leave anything out.
    known.record.confirmedAtMs = Math.max(clock.wallMs(), known.files.latestMissingMs);
    this.changed();
  }

  /**
   * Returns when the missing files are to be judged; undefined when none is missing. While paths wait to be reviewed that
   * is later: one of them may show that a missing file has only moved.
   */
  nextDueMs(isQuiet: boolean): number | undefined {
    if (!this.#held) return undefined;
    const { holdMs } = this.parts;
    const latestMs = this.#held.sinceMs + Math.max(LONGEST_HOLD_MS, 2 * holdMs);
    return isQuiet ? Math.min(latestMs, this.#held.changedAtMs + holdMs) : latestMs;
  }

  /** Judges what is missing, and publishes the losses; returns whether it came to the end. */
  async judge(signal: AbortSignal): Promise<boolean> {
    const root = await this.parts.view.checkRoot();
    this.#held = undefined;
    try {
      if (root.kind === 'present' && (await this.#judge(root.identity, signal))) {
        this.#settleUncleanStop();
        return true;
      }
    } catch (error) {
      this.changed();
      throw error;
    }
    this.changed();
    return false;
  }

  /** The folder was scanned: if its files are all right, it is the one that later ones are compared with. */
  adopt(identity: string): void {
    const { files, record } = this.parts.known;
    this.#scannedRoot ??= identity;
    // A new read model knows no files yet: on the mount point of an absent disk it would adopt the wrong folder.
    if (record.root === null && !this.#isCompared) return;
    if (record.isRootForgotten && files.hasSeen) this.#recogniseRoot(identity);
    else if (this.#verdict(identity).kind === 'believe') record.root = identity;
    this.#settleUncleanStop();
  }

  /** A folder that holds some of the files is the one that held the others: they are judged anew. */
  #recogniseRoot(identity: string): void {
    const { files, record } = this.parts.known;
    record.root = identity;
    if (files.hasMissing) this.changed();
  }

  /** All files that the catalog holds of this collection are known here by now. */
  catalogCompared(): void {
    this.#isCompared = true;
    // Where some were unknown, the root that held them is unknown as well: the next scan shows whether they are here.
    if (this.#scannedRoot !== undefined && this.parts.known.record.root === null) this.adopt(this.#scannedRoot);
  }

  /** Returns false when the folder went away before the end. */
  async #judge(identity: string, signal: AbortSignal): Promise<boolean> {
    const { files, record } = this.parts.known;
    const { confirmedAtMs } = record;
    if (confirmedAtMs !== null) {
      record.root = identity;
      if (!(await this.#publish(confirmedAtMs, identity, signal))) return false;
      record.confirmedAtMs = null;
    }
    const verdict = this.#verdict(identity);
    this.#noteVerdict(verdict);
    if (verdict.kind === 'freeze') return true;
    return this.#publish(Math.max(this.parts.clock.wallMs(), files.latestMissingMs), identity, signal);
  }

  /** What a power cut took is known once folder and catalog were compared and nothing is missing any more. */
  #settleUncleanStop(): void {
    const { files, record } = this.parts.known;
    if (this.#scannedRoot !== undefined && this.#isCompared && !files.hasMissing) record.forgetUncleanStop();
  }

  #noteVerdict(verdict: Verdict): void {
    const { known, log } = this.parts;
    const wasFrozen = known.record.freeze !== null;
    if (verdict.kind === 'freeze') {
      const { evidence, remedy } = verdict;
      known.record.freeze = { evidence, remedy };
      if (!wasFrozen) log.warn({ evidence, remedy }, 'collection frozen');
    } else if (wasFrozen) {
      known.record.freeze = null;
      log.info('collection no longer frozen');
    }
  }

  #verdict(identity: string): Verdict {
    const { known, limits } = this.parts;
    const { files, record } = known;
    const examples = files.missingPage(0, Number.MAX_VALUE, MOST_EXAMPLES).map(({ path }) => path);
    const expected = record.root ?? this.#scannedRoot;
    const isRootExchanged = expected !== undefined && expected !== identity;
    const missingFiles = files.countVanished(isRootExchanged);
    return judge({ knownFiles: files.count, missingFiles, isRootExchanged, examples }, limits.freezeLimits);
  }

  /**
   * Publishes, page by page, the losses of what was missing by then; what came back, or can't be read now, is not lost.
   * Returns whether it came to the end.
   */
  async #publish(untilMs: number, identity: string, signal: AbortSignal): Promise<boolean> {
    const { known, view } = this.parts;
    const next = (afterId: number) => known.files.missingPage(afterId, untilMs, BATCH);
    for (let page = next(0); page.length > 0; page = next(page.at(-1)?.id ?? 0)) {
      const root = await view.checkRoot();
      // When it went away in the middle of this, what is missing from now on has another reason.
      if (signal.aborted || root.kind !== 'present' || root.identity !== identity) return false;
      await Promise.all(page.map((file) => this.#publishLoss(file)));
    }
    return true;
  }

  async #publishLoss({ path }: MissingFile): Promise<void> {
    const { view, known, events } = this.parts;
    const found = await view.inspect(path);
    if (found.kind === 'folder' || (found.kind === 'clear' && found.sighting === null)) {
      await known.publisher.lost(path, 'gone');
      return;
    }
    known.files.markPresent(path, null);
    events.push({ kind: 'hint', path });
  }
}
