import type { BudgetState } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { DiskHealth } from '../../disk/disk-health.ts';
import { type ActiveDownload, type ActiveDownloads, type Pause, STOPPED } from './active-downloads.ts';
import type { DownloadFolder } from '../place/download-folder.ts';
import type { DownloadState } from '../download-state.ts';
import { isAtWork } from '../download-state.ts';
import type { DownloadStore } from '../download-store.ts';
import type { OrderSync } from '../orders/order-sync.ts';
import type { ProgressReports } from './progress-reports.ts';
import type { ReplicaLeases } from './replica-leases.ts';

const LOOK_EVERY_MS = 1_000;
/** How long a download may go without sources before it gives its place to others; it is claimed again after a rest. */
const WITHOUT_SOURCE_MS = 30_000;
const LOOK_FOR_SOURCES_AGAIN_MS = 45_000;

/** What the owner allows. */
export interface QueueLimits {
  readonly activeDownloads: number;
  readonly downloadBudget: BudgetState;
}

/** What the queue works with. */
export interface QueueParts {
  readonly store: DownloadStore;
  readonly sync: OrderSync;
  readonly leases: ReplicaLeases;
  readonly active: ActiveDownloads;
  readonly reports: ProgressReports;
  readonly folder: Pick<DownloadFolder, 'withheldReason'>;
  readonly limits: QueueLimits;
}

/**
 * Decides which downloads this replica works on. Once a second, and whenever something has changed, it compares what is
 * stored with what runs: what is no longer wanted stops, free places are taken by those whose turn it is.
 */
export class DownloadQueue {
  /** Since when each active download has nothing to fetch, by the steady clock. */
  readonly #idleSince = new Map<string, number>();
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(
    private readonly parts: QueueParts,
    private readonly disk: Pick<DiskHealth, 'note'>,
    /** A clock that nobody sets. */
    private readonly clock: () => number,
    private readonly logger: Logger,
  ) {}

  /** Begins to work. */
  open(): void {
    this.#isOpen = true;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  /** Stops all work; it goes on at the next start, or in another replica at once. */
  async close(): Promise<void> {
    const { active, leases } = this.parts;
    this.#isOpen = false;
    clearInterval(this.#timer);
    const running = [...active.entries()];
    for (const [id] of running) active.stop(id, QUEUED_AGAIN, 'the service stops');
    await Promise.all(running.map(([, { ended }]) => ended));
    leases.close();
  }

  /** Number of downloads at work here. */
  get size(): number {
    return this.parts.active.size;
  }

  /** Looks now whether something is to be started or stopped; what can't be done now is done at the next look. */
  look(): void {
    if (!this.#isOpen) return;
    try {
      this.parts.sync.run();
      this.parts.active.saveProgress();
      this.parts.leases.keep();
      this.#followFolder();
      this.#stopUnwanted();
      this.#givePlacesUp();
      this.#startNext();
      this.#problem = undefined;
    } catch (error) {
      const problem = describeError(error);
      if (problem !== this.#problem) this.logger.warn({ error: problem }, 'download queue halted, retrying');
      this.#problem = problem;
      this.disk.note(error);
    }
  }

  /** Resolves when a download is not at work here. */
  stopped(id: string): Promise<void> {
    return this.parts.active.stopped(id);
  }

  /** Holds all downloads while nothing may be written into their folder. */
  #followFolder(): void {
    const { store, folder, reports } = this.parts;
    const reason = folder.withheldReason;
    const changed =
      reason === null ? store.release('frozen collection') : store.hold('frozen collection', heldReason(reason));
    for (const id of changed) reports.note(id);
  }

  #stopUnwanted(): void {
    const { leases, active, limits } = this.parts;
    const claimed = leases.claimed;
    for (const id of claimed.keys()) {
      // It could not be given back because the disk was full.
      if (!active.has(id)) leases.giveBack(id, STOPPED);
    }
    for (const [id, download] of active.entries()) {
      const record = claimed.get(id);
      if (!record || !isAtWork(record.state)) active.stop(id, QUEUED_AGAIN, 'it is not wanted here any more');
      else if (limits.downloadBudget === 'hard-stop') active.stop(id, WITHOUT_BUDGET, 'the budget is used up');
      else if (download.run.isInOldFolder) active.stop(id, QUEUED_AGAIN, 'downloads go to another folder');
      else this.#followRetry(download, record.desired.wantedAtMs);
    }
  }

  #followRetry(download: ActiveDownload, wantedAtMs: number): void {
    if (wantedAtMs <= download.wantedAtMs) return;
    download.wantedAtMs = wantedAtMs;
    download.run.retry();
  }

  /** A download that no source can give anything for must not hold up those that could go on. */
  #givePlacesUp(): void {
    const { store, active, leases } = this.parts;
    const claimed = leases.claimed;
    for (const id of this.#idleSince.keys()) if (!active.has(id)) this.#idleSince.delete(id);
    for (const [id] of active.entries()) {
      const state = claimed.get(id)?.state;
      const shortage = state && shortageOf(state);
      if (!shortage) {
        this.#idleSince.delete(id);
        continue;
      }
      const sinceMs = this.#idleSince.get(id) ?? this.clock();
      this.#idleSince.set(id, sinceMs);
      if (this.clock() - sinceMs > WITHOUT_SOURCE_MS && store.isAnyWaiting())
        active.stop(id, withoutSource(shortage), 'it has no source, and others wait');
    }
  }

  #startNext(): void {
    const { limits, leases, active } = this.parts;
    if (limits.downloadBudget === 'hard-stop') return;
    const claimLimits = { most: limits.activeDownloads, onlyBegun: limits.downloadBudget === 'soft-stop' };
    for (const record of leases.claim(claimLimits)) active.start(record, () => this.look());
  }
}

const QUEUED_AGAIN: Pause = { event: STOPPED, restMs: 0 };

const WITHOUT_BUDGET: Pause = {
  event: {
    kind: 'obstructed',
    cause: 'budget',
    reason: 'The traffic budget of this month is used up. It goes on in the next month, or with a larger budget.',
  },
  restMs: 0,
};

const heldReason = (reason: string): string => `Nothing can be written into the folder for downloads: ${reason}`;

const AGAIN = 'Others go first; it is tried again within a minute.';

function shortageOf(state: DownloadState): 'sources' | 'pieces' | null {
  if (state.kind === 'finding sources') return 'sources';
  return state.kind === 'fetching' && state.missing !== null ? 'pieces' : null;
}

function withoutSource(of: 'sources' | 'pieces'): Pause {
  const what = of === 'sources' ? 'has this document' : 'has the missing pieces';
  const shortage = { of, reason: `No peer that can be reached ${what} now. ${AGAIN}` };
  return { event: { kind: 'yielded', shortage }, restMs: LOOK_FOR_SOURCES_AGAIN_MS };
}
