import type { BudgetState } from '@allibrary/contracts';
import { InvalidManifest } from '@allibrary/core';
import { describeError, isNoSpace } from '@allibrary/messaging';
import { ReplicaWatch } from '../domain/replica-watch.ts';
import { endAsHere, endDownload } from './download-endings.ts';
import { DownloadRun } from './download-run.ts';
import type { DownloadTools } from './download-tools.ts';
import type { DownloadRecord, Release } from './download-store.ts';
import { LocalFailure } from '../fetching/local-failure.ts';
import type { OrderSync } from './order-sync.ts';

const LOOK_EVERY_MS = 1_000;
/** A replica stores a beat with nearly each look; commands make it look more often. */
const BEAT_EVERY_MS = 900;
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
  release: Pause | undefined;
  isChanged: boolean;
  /** Since when it has no source, by the steady clock; null while it has one. */
  lonelySinceMs: number | null;
}

/** Why a download stops, and how long this replica then keeps it from being claimed again. */
interface Pause extends Omit<Release, 'rests'> {
  readonly restMs: number;
}

/**
 * The downloads that this replica works on. Once a second, and whenever something has changed, it compares what is
 * stored with what runs: what is no longer wanted stops, free places are taken by those whose turn it is.
 */
export class DownloadQueue {
  readonly #running = new Map<string, Running>();
  /** Downloads that are kept from being claimed until a time of the steady clock. */
  readonly #resting = new Map<string, number>();
  readonly #replicas: ReplicaWatch;
  #beat = 0;
  #beatAtMs = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(
    private readonly tools: DownloadTools,
    private readonly limits: QueueLimits,
    private readonly replica: string,
    private readonly sync: OrderSync,
    /** Called with each download that has changed. */
    private readonly onChange: (id: string) => void,
  ) {
    this.#replicas = new ReplicaWatch(replica, tools.clock);
  }

  /** Begins to work. */
  open(): void {
    this.#isOpen = true;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  /** Stops all work; it goes on at the next start, or in another replica at once. */
  async close(): Promise<void> {
    this.#isOpen = false;
    clearInterval(this.#timer);
    for (const running of this.#running.values()) this.#stop(running, queuedAgain, 'the service stops');
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    this.#leave();
  }

  /** Gives everything back at once; what can't be stored now lapses when the others miss this replica's beats. */
  #leave(): void {
    try {
      this.tools.store.dropReplica(this.replica, this.#beat);
    } catch (error) {
      this.tools.logger.warn({ error: describeError(error) }, 'leases not given back, they lapse');
    }
  }

  /** How many downloads are at work here. */
  get size(): number {
    return this.#running.size;
  }

  /** Looks now whether something is to be started or stopped; what can't be done now is done at the next look. */
  look(): void {
    if (!this.#isOpen) return;
    try {
      this.sync.run();
      this.#saveProgress();
      this.#keepLeases();
      this.#stopUnwanted();
      this.#giveUpPlaces();
      this.#startNext();
      this.#problem = undefined;
    } catch (error) {
      const problem = describeError(error);
      if (problem !== this.#problem) this.tools.logger.warn({ error: problem }, 'download queue halted, retrying');
      this.#problem = problem;
      this.tools.onLocalFailure(error);
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

  /** Shows the other replicas that this one is alive, while it holds leases, and frees those of dead replicas. */
  #keepLeases(): void {
    const { store, clock } = this.tools;
    for (const [id, untilMs] of this.#resting) {
      if (clock() < untilMs) continue;
      store.endRest(id, this.replica);
      this.#resting.delete(id);
    }
    const holdsLeases = this.#running.size + this.#resting.size > 0;
    if (holdsLeases && clock() - this.#beatAtMs >= BEAT_EVERY_MS) {
      store.beat(this.replica, ++this.#beat);
      this.#beatAtMs = clock();
    }
    for (const { name, beat } of this.#replicas.dead(store.replicas())) {
      store.dropReplica(name, beat);
      this.tools.logger.info({ replica: name }, 'replica dead, its downloads are free');
    }
  }

  #stopUnwanted(): void {
    const { store } = this.tools;
    const held = store.heldBy(this.replica);
    for (const id of held.keys()) {
      // Its release could not be stored, because the disk was full.
      if (!this.#running.has(id)) store.release(id, this.replica, { ...queuedAgain, rests: false });
    }
    for (const [id, running] of this.#running)
      if (!held.get(id)) this.#stop(running, queuedAgain, 'it is not wanted here any more');
      else if (this.limits.downloadBudget === 'hard-stop') this.#stop(running, withoutBudget, 'the budget is used up');
  }

  /** A download without any source must not hold up those that could go on. */
  #giveUpPlaces(): void {
    const nowMs = this.tools.clock();
    for (const running of this.#running.values()) {
      const isLonely = progressOf(running.run).cause === 'no-source';
      running.lonelySinceMs = isLonely ? (running.lonelySinceMs ?? nowMs) : null;
      const isTooLong = running.lonelySinceMs !== null && nowMs - running.lonelySinceMs > WITHOUT_SOURCE_MS;
      if (isTooLong && this.tools.store.isAnyWaiting()) {
        this.#stop(running, withoutSource, 'it has no source, and others wait');
      }
    }
  }

  #startNext(): void {
    const { activeDownloads: most, downloadBudget } = this.limits;
    if (downloadBudget === 'hard-stop') return;
    const onlyBegun = downloadBudget === 'soft-stop';
    const next = this.tools.store.claim(this.replica, this.#beat, { most, onlyBegun });
    for (const record of next) this.#start(record);
  }

  #start(record: DownloadRecord): void {
    const { id, documentId } = record;
    if (this.#running.has(id)) return; // it stops just now, and is started again when it has
    this.onChange(id);
    if (this.tools.catalog.files(documentId).length > 0) {
      endAsHere(this.tools, record);
      return this.#release(id, queuedAgain);
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

  #stop(running: Running, release: Pause, reason: string): void {
    if (running.release) return;
    running.release = release;
    running.run.stop(reason);
  }

  async #supervise(id: string, run: DownloadRun): Promise<void> {
    try {
      await run.run();
      this.#release(id, queuedAgain); // it has ended: only the lease is given back
    } catch (error) {
      this.#giveBack(id, run, error);
    } finally {
      this.#running.delete(id); // also when that could not be stored: the next look gives the lease back
      this.onChange(id);
      this.look();
    }
  }

  #giveBack(id: string, run: DownloadRun, error: unknown): void {
    this.tools.store.saveProgress(progressOf(run));
    const release = this.#running.get(id)?.release;
    if (release) this.#release(id, release);
    else if (error instanceof InvalidManifest) this.#fail(id, error);
    else this.#waitForRemedy(id, error);
  }

  #release(id: string, { restMs, ...release }: Pause): void {
    const { store, clock } = this.tools;
    store.release(id, this.replica, { ...release, rests: restMs > 0 });
    if (restMs > 0) this.#resting.set(id, clock() + restMs);
  }

  #waitForRemedy(id: string, error: unknown): void {
    const { logger, onLocalFailure } = this.tools;
    const reason = `${describeError(error)}. It is tried again every ${TRY_AGAIN_MS / 1_000} seconds.`;
    logger.warn({ downloadId: id, reason }, 'a download is paused');
    const cause = causeOf(error);
    onLocalFailure(error);
    this.#release(id, { state: 'paused', cause, reason, restMs: TRY_AGAIN_MS });
  }

  #fail(id: string, error: InvalidManifest): void {
    const record = this.tools.store.get(id);
    const reason = `This document can't be had: ${error.message}.`;
    if (record) endDownload(this.tools, record, { outcome: 'failed', cause: 'invalid-document', reason });
    this.#release(id, queuedAgain);
  }
}

function causeOf(error: unknown): 'disk' | 'collection' | 'internal' {
  if (error instanceof LocalFailure) return error.downloadCause;
  return isNoSpace(error) ? 'disk' : 'internal';
}

/** How a download at work stands; without a source it says so, and goes on looking. */
function progressOf(run: DownloadRun): DownloadRecord {
  const status = run.status();
  return { ...status, cause: status.reason === null ? null : 'no-source' };
}

const queuedAgain: Pause = { state: 'queued', cause: null, reason: null, restMs: 0 };

const withoutBudget: Pause = {
  ...{ state: 'paused', cause: 'budget', restMs: 0 },
  reason: 'The traffic budget of this month is used up. It goes on in the next month, or with a larger budget.',
};

const withoutSource: Pause = {
  ...{ state: 'queued', cause: 'no-source', restMs: LOOK_FOR_SOURCES_AGAIN_MS },
  reason: 'No connected peer has this document now. Others go first; sources are looked for again in a minute.',
};
