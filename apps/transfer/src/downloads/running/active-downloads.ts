import { InvalidManifest } from '@allibrary/core';
import { describeError, isNoSpace } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { DiskHealth } from '../../disk/disk-health.ts';
import type { FetchTools } from '../../fetching/fetch-tools.ts';
import { LocalFailure } from '../../fetching/local-failure.ts';
import type { DownloadCompletion } from './download-completion.ts';
import { type DownloadDeaths, MOST_DEATHS, isHarmless } from './download-deaths.ts';
import type { DownloadEndings } from './download-endings.ts';
import { type DownloadFolder } from '../place/download-folder.ts';
import { DownloadFolderChanged } from '../place/download-place.ts';
import type { DownloadProgress, DownloadRecord } from '../download-record.ts';
import { DownloadRun } from './download-run.ts';
import type { DownloadEvent } from '../download-state.ts';
import type { DownloadStore } from '../download-store.ts';
import type { ProgressReports } from './progress-reports.ts';
import type { ReplicaLeases } from './replica-leases.ts';

/** How long a download rests when something on this node obstructs it, such as a full disk. */
const TRY_AGAIN_MS = 30_000;
/** A folder that was withheld only just now will be known as such at the next look. */
const HOLD_REST_MS = 5_000;

/** Why a download stops, and how long this replica then keeps it from being claimed again. */
export interface Pause {
  readonly event: DownloadEvent;
  readonly restMs: number;
}

/** A download that this replica works on. */
export interface ActiveDownload {
  readonly run: DownloadRun;
  readonly ended: Promise<void>;
  /** Why it was stopped; unset while it should go on. */
  pause: Pause | undefined;
  /** The progress that was stored last. */
  stored: string;
  /** Since when the owner wants it: a later time is a retry. */
  wantedAtMs: number;
  /** When the run began, and how much was on disk by then. */
  readonly began: { readonly atMs: number; readonly bytesDone: number };
  /** Whether earlier deaths of the process still count against it. */
  isSuspect: boolean;
}

/** What runs of downloads are made of. */
export interface RunParts {
  readonly folder: DownloadFolder;
  readonly completion: DownloadCompletion;
  readonly endings: DownloadEndings;
  readonly deaths: DownloadDeaths;
  readonly fetchTools: FetchTools;
}

/** The downloads that this replica works on, each in a run of its own. */
export class ActiveDownloads {
  readonly #active = new Map<string, ActiveDownload>();
  readonly #logger: Logger;

  constructor(
    private readonly parts: RunParts,
    private readonly store: DownloadStore,
    private readonly leases: ReplicaLeases,
    private readonly reports: ProgressReports,
    private readonly disk: Pick<DiskHealth, 'note'>,
  ) {
    this.#logger = parts.fetchTools.logger;
  }

  get size(): number {
    return this.#active.size;
  }

  has(id: string): boolean {
    return this.#active.has(id);
  }

  entries(): MapIterator<[string, ActiveDownload]> {
    return this.#active.entries();
  }

  /** Starts a download that was claimed, and calls back when it is over. */
  start(record: DownloadRecord, onOver: () => void): void {
    const { id, desired } = record;
    if (this.#active.has(id)) return; // it is stopping, and is started again when it has stopped
    this.reports.note(id);
    const { folder, completion, deaths, fetchTools } = this.parts;
    if (completion.isHere(record.documentId)) {
      completion.endAsHere(record);
      return this.leases.giveBack(id, STOPPED);
    }
    const died = deaths.begin(id);
    if (died >= MOST_DEATHS) return this.#pauseAfterCrashes(id, died);
    const run = new DownloadRun(record, folder, completion, fetchTools);
    const ended = Promise.resolve()
      .then(() => this.#supervise(id, run, onOver))
      .catch((error: unknown) =>
        this.#logger.error({ downloadId: id, error: describeError(error) }, 'download not given back'),
      );
    const began = { atMs: performance.now(), bytesDone: record.bytesDone };
    const { wantedAtMs } = desired;
    this.#active.set(id, { run, ended, pause: undefined, stored: '', wantedAtMs, began, isSuspect: died > 0 });
  }

  /** Without the pause, a document that crashes the process would crash it at every start. */
  #pauseAfterCrashes(id: string, died: number): void {
    this.parts.deaths.end(id);
    const reason = `The transfer service ended unexpectedly ${died} times during this download. Resume it to try again, or cancel it.`;
    this.#logger.warn({ downloadId: id, died }, 'download paused after crashes');
    this.leases.giveBack(id, { kind: 'obstructed', cause: 'crash', reason });
    this.reports.note(id);
  }

  /** Stops a download; what becomes of it then depends on the pause. */
  stop(id: string, pause: Pause, reason: string): void {
    const active = this.#active.get(id);
    if (!active || active.pause) return;
    active.pause = pause;
    active.run.stop(reason);
  }

  /** Resolves when a download is not at work here. */
  async stopped(id: string): Promise<void> {
    await this.#active.get(id)?.ended;
  }

  /** Stores how far the downloads have come. */
  saveProgress(): void {
    for (const [id, active] of this.#active) {
      if (active.pause) continue;
      const { progress, standing } = active.run;
      this.#clear(id, active, progress.bytesDone);
      const current = JSON.stringify([progress, standing]);
      if (current === active.stored) continue;
      this.#save(id, progress, standing);
      active.stored = current;
    }
  }

  /** Forgets earlier deaths of the process once this run has proven the download harmless. */
  #clear(id: string, active: ActiveDownload, bytesDone: number): void {
    const { atMs, bytesDone: bytesBefore } = active.began;
    if (!active.isSuspect || !isHarmless(performance.now() - atMs, bytesDone - bytesBefore)) return;
    this.parts.deaths.forgive(id);
    active.isSuspect = false;
  }

  #save(id: string, progress: DownloadProgress, standing?: DownloadEvent): void {
    this.store.transaction(() => {
      this.store.saveProgress(id, progress);
      if (standing) this.store.change(id, standing);
    });
    this.reports.note(id);
  }

  async #supervise(id: string, run: DownloadRun, onOver: () => void): Promise<void> {
    try {
      await run.run();
      this.leases.giveBack(id, STOPPED); // it has ended: only the lease is given back
    } catch (error) {
      await this.#giveBack(id, run, error);
    } finally {
      this.#endRun(id);
      this.#active.delete(id); // also when that could not be stored: the next look gives the lease back
      this.reports.note(id);
      onOver();
    }
  }

  #endRun(id: string): void {
    try {
      this.parts.deaths.end(id);
    } catch (error) {
      this.#logger.warn(
        { downloadId: id, error: describeError(error) },
        'end of a run not stored, it will count as a crash',
      );
    }
  }

  async #giveBack(id: string, run: DownloadRun, error: unknown): Promise<void> {
    this.#save(id, run.progress);
    const pause = this.#active.get(id)?.pause ?? (error instanceof DownloadFolderChanged ? RESTARTED : undefined);
    if (pause) return this.leases.giveBack(id, pause.event, pause.restMs);
    if (error instanceof InvalidManifest) return this.#fail(id, error);
    this.disk.note(error);
    this.#waitForRemedy(id, error);
  }

  #waitForRemedy(id: string, error: unknown): void {
    const text = describeError(error);
    if (error instanceof LocalFailure && error.downloadCause === 'collection') {
      this.#logger.warn({ downloadId: id, reason: text }, 'download held');
      return this.leases.giveBack(id, { kind: 'held', by: 'frozen collection', reason: text }, HOLD_REST_MS);
    }
    const cause = error instanceof LocalFailure || isNoSpace(error) ? 'disk' : 'internal';
    const reason = `${text}. It is tried again every ${TRY_AGAIN_MS / 1_000} seconds.`;
    this.#logger.warn({ downloadId: id, cause, reason: text }, 'download paused');
    this.leases.giveBack(id, { kind: 'obstructed', cause, reason }, TRY_AGAIN_MS);
  }

  async #fail(id: string, error: InvalidManifest): Promise<void> {
    const record = this.store.get(id);
    const reason = `This document can't be had: ${error.message}.`;
    if (record) this.parts.endings.end(record, { outcome: 'failed', cause: 'invalid-document', reason });
    this.leases.giveBack(id, STOPPED);
    if (record) await this.parts.completion.discard(record.documentId);
  }
}

export const STOPPED: DownloadEvent = { kind: 'stopped' };
const RESTARTED: Pause = { event: STOPPED, restMs: 0 };
