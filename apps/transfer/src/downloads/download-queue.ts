import type { BudgetState } from '@allibrary/contracts';
import { InvalidManifest } from '@allibrary/core';
import { describeError } from '@allibrary/messaging';
import { endAsHere, endDownload } from './download-endings.ts';
import { DownloadRun, type DownloadTools } from './download-run.ts';
import type { DownloadRecord, Release } from './download-store.ts';
import { LocalFailure } from './local-failure.ts';

const LOOK_EVERY_MS = 1_000;
/** The downloads of a replica that died are taken over after so long. */
const LEASE_MS = 6_000;
/** A download that nobody can serve gives its place to others after so long, and takes one again after a pause. */
const WITHOUT_SOURCE_MS = 30_000;
const LOOK_FOR_SOURCES_AGAIN_MS = 60_000;
/** Something here is in the way, such as a full disk: it is tried again so often. */
const TRY_AGAIN_MS = 30_000;

/** What the owner allows. */
export interface QueueLimits {
  readonly activeDownloads: number;
  readonly downloadBudget: BudgetState;
}

interface Running {
  readonly run: DownloadRun;
  readonly ended: Promise<void>;
  /** Why it was stopped, and what becomes of it then; unset while it should go on. */
  release: Release | undefined;
  isChanged: boolean;
  /** Since when it has no source; null while it has one. */
  lonelySinceMs: number | null;
}

/**
 * The downloads that this replica works on. Once a second, and whenever something has changed, it compares what is
 * stored with what runs: what is no longer wanted stops, free places are taken by those whose turn it is.
 */
export class DownloadQueue {
  readonly #running = new Map<string, Running>();
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(
    private readonly tools: DownloadTools,
    private readonly limits: QueueLimits,
    private readonly replica: string,
    /** Is told of each download that has changed. */
    private readonly onChange: (id: string) => void,
  ) {}

  /** Begins to work. */
  open(): void {
    this.#isOpen = true;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#look();
  }

  /** Stops all work; it goes on at the next start, or in another replica at once. */
  async close(): Promise<void> {
    this.#isOpen = false;
    clearInterval(this.#timer);
    for (const running of this.#running.values()) this.#stop(running, queuedAgain, 'the service stops');
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** How many downloads are at work here. */
  get size(): number {
    return this.#running.size;
  }

  /** Looks now whether something is to be started or stopped. */
  wake(): void {
    if (!this.#isOpen) return;
    this.#saveProgress();
    this.#stopUnwanted();
    this.#giveUpPlaces();
    this.#startNext();
  }

  /** As {@link wake}, where nobody waits for it: what can't be done now is done the next time. */
  #look(): void {
    try {
      this.wake();
    } catch (error) {
      this.tools.logger.warn({ error: describeError(error) }, 'the queue of downloads could not be looked at');
    }
  }

  /** Resolves when a download is not at work here. */
  async stopped(id: string): Promise<void> {
    await this.#running.get(id)?.ended;
  }

  #saveProgress(): void {
    const { store } = this.tools;
    for (const [id, running] of this.#running) {
      if (!running.isChanged) continue;
      running.isChanged = false;
      store.saveProgress(progressOf(running.run));
      this.onChange(id);
    }
  }

  #stopUnwanted(): void {
    const wanted = this.tools.store.renew(this.replica, this.tools.now() + LEASE_MS);
    for (const [id, running] of this.#running)
      if (!wanted.has(id)) this.#stop(running, queuedAgain, 'it is not wanted here any more');
      else if (this.limits.downloadBudget === 'hard-stop') this.#stop(running, withoutBudget, 'the budget is used up');
  }

  /** A download without any source must not hold up those that could go on. */
  #giveUpPlaces(): void {
    const nowMs = this.tools.now();
    for (const running of this.#running.values()) {
      const isLonely = progressOf(running.run).cause === 'no-source';
      running.lonelySinceMs = isLonely ? (running.lonelySinceMs ?? nowMs) : null;
      const isTooLong = running.lonelySinceMs !== null && nowMs - running.lonelySinceMs > WITHOUT_SOURCE_MS;
      if (isTooLong && this.tools.store.isAnyWaiting(nowMs)) {
        this.#stop(running, withoutSource(nowMs), 'it has no source, and others wait');
      }
    }
  }

  #startNext(): void {
    const { activeDownloads: most, downloadBudget } = this.limits;
    if (downloadBudget === 'hard-stop') return;
    const nowMs = this.tools.now();
    const onlyBegun = downloadBudget === 'soft-stop';
    const next = this.tools.store.claim(this.replica, { most, onlyBegun }, nowMs, nowMs + LEASE_MS);
    for (const record of next) this.#start(record);
  }

  #start(record: DownloadRecord): void {
    const { id, documentId } = record;
    if (this.#running.has(id)) return; // it stops just now, and is started again when it has
    this.onChange(id);
    if (this.tools.catalog.files(documentId).length > 0) {
      endAsHere(this.tools, record);
      return this.tools.store.release(id, this.replica, queuedAgain);
    }
    const run = new DownloadRun(record, this.tools, () => {
      const running = this.#running.get(id);
      if (running) running.isChanged = true;
    });
    const running: Running = {
      run,
      ended: Promise.resolve()
        .then(() => this.#supervise(id, run))
        .catch((error: unknown) =>
          this.tools.logger.error(
            { downloadId: id, error: describeError(error) },
            'a download could not be given back',
          ),
        ),
      ...{ release: undefined, isChanged: true, lonelySinceMs: null },
    };
    this.#running.set(id, running);
  }

  #stop(running: Running, release: Release, reason: string): void {
    if (running.release) return;
    running.release = release;
    running.run.stop(reason);
  }

  async #supervise(id: string, run: DownloadRun): Promise<void> {
    const { store } = this.tools;
    try {
      await run.run();
    } catch (error) {
      store.saveProgress(progressOf(run));
      const told = this.#running.get(id)?.release;
      if (told) store.release(id, this.replica, told);
      else if (error instanceof InvalidManifest) this.#fail(id, error);
      else this.#waitForRemedy(id, error);
    } finally {
      store.release(id, this.replica, queuedAgain); // nothing to give back where that is done
      this.#running.delete(id);
      this.onChange(id);
      this.#look();
    }
  }

  #waitForRemedy(id: string, error: unknown): void {
    const { store, logger, now } = this.tools;
    const reason = `${describeError(error)}. It is tried again every ${TRY_AGAIN_MS / 1_000} seconds.`;
    logger.warn({ downloadId: id, reason }, 'a download is paused');
    const cause = error instanceof LocalFailure ? error.downloadCause : 'internal';
    store.release(id, this.replica, { state: 'paused', cause, reason, againAtMs: now() + TRY_AGAIN_MS });
  }

  #fail(id: string, error: InvalidManifest): void {
    const record = this.tools.store.get(id);
    if (record) endDownload(this.tools, record, 'failed', `This document can't be had: ${error.message}.`);
  }
}

/** How a download at work stands; without a source it says so, and goes on looking. */
function progressOf(run: DownloadRun): DownloadRecord {
  const status = run.status();
  return { ...status, cause: status.reason === null ? null : 'no-source' };
}

const queuedAgain: Release = { state: 'queued', cause: null, reason: null, againAtMs: 0 };

const withoutBudget: Release = {
  ...{ state: 'paused', cause: 'budget', againAtMs: 0 },
  reason: 'The traffic budget of this month is used up. It goes on in the next month, or with a larger budget.',
};

const withoutSource = (nowMs: number): Release => ({
  ...{ state: 'queued', cause: 'no-source', againAtMs: nowMs + LOOK_FOR_SOURCES_AGAIN_MS },
  reason: 'No connected peer has this document now. Others go first; sources are looked for again in a minute.',
});
