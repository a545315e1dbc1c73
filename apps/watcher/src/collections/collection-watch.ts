import type { Collection, CollectionStatus } from '@allibrary/contracts';
import type { Losses } from '../reviewing/losses.ts';
import type { ReviewQueue } from '../reviewing/review-queue.ts';
import type { RootCheck, RootWatch } from '../seeing/root-watch.ts';
import type { Agenda } from './agenda.ts';
import type { CollectionEvent, Task } from './collection-events.ts';
import type { CollectionStatusPublisher } from './collection-status.ts';
import type { EventQueue } from './event-queue.ts';
import type { Scans } from './scans.ts';

const AT_ONCE = Number.NEGATIVE_INFINITY;
const STATUS_INTERVAL_MS = 1_000;
/** How often the folder is checked: a mount that goes away is not reported. */
const ROOT_CHECK_INTERVAL_MS = 2_000;

/** The collaborators of the watch of one collection. */
export interface WatchParts {
  readonly events: EventQueue<CollectionEvent>;
  readonly agenda: Agenda;
  readonly roots: RootWatch;
  readonly scans: Scans;
  readonly reviews: ReviewQueue;
  readonly losses: Losses;
  readonly status: CollectionStatusPublisher;
}

/**
 * The owner of a watched collection. It handles one event at a time and then plans what is due next; a task that takes a
 * while runs beside it and reports its end as an event. Between events and timers nothing runs.
 */
export class CollectionWatch {
  #rootCheckDueMs = AT_ONCE;
  #statusDueMs: number | undefined = AT_ONCE;
  #statusPublishedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: WatchParts) {}

  get collection(): Collection {
    return this.parts.status.collection;
  }

  get status(): CollectionStatus {
    return this.parts.status.current;
  }

  /** Starts; a folder that is unavailable is waited for. */
  start(): void {
    this.parts.events.open((event) => this.#handle(event));
    this.parts.events.push({ kind: 'timer', task: 'root-check' });
  }

  /** Requests a scan of a folder, '' being the whole collection, now or right after the one that runs. */
  requestScan(folder = ''): void {
    this.parts.events.push({ kind: 'scan-requested', folder });
  }

  /** Stores, durably, that all that is missing now was really deleted. */
  confirmDeletions(): void {
    this.parts.losses.confirm();
    this.parts.events.push({ kind: 'missing-changed' });
  }

  /** Ends all tasks, and waits a limited time for the facts on their way. */
  async close(): Promise<void> {
    const { events, agenda, reviews, roots } = this.parts;
    events.close();
    await Promise.all([reviews.close(), agenda.close()]);
    await roots.close();
  }

  #handle(event: CollectionEvent): void {
    const { agenda, roots, scans, reviews, losses } = this.parts;
    switch (event.kind) {
      case 'hint':
        reviews.hint(event.path);
        break;
      case 'unclear':
        this.#requestScan(event.folder);
        break;
      case 'scan-requested':
        agenda.retryNow('full-scan');
        this.#requestScan(event.folder);
        break;
      case 'overflowed':
        this.#rootCheckDueMs = AT_ONCE;
        scans.schedule.overflowed(agenda.nowMs);
        break;
      case 'hint-dropped':
      case 'files-remembered':
        this.#requestScan('');
        break;
      case 'folder-changed':
        roots.changes.forget(event.path);
        this.#requestScan(event.path);
        break;
      case 'missing-changed':
        losses.changed();
        break;
      case 'root-checked':
        this.#rootChecked(event.result);
        break;
      case 'losses-judged':
        if (!event.isComplete) this.#rootCheckDueMs = AT_ONCE;
        break;
      case 'scan-ended':
        this.#rootCheckDueMs = AT_ONCE; // it may have ended because the folder went away
        break;
      case 'task-failed':
        if (event.task === 'full-scan') this.#rootCheckDueMs = AT_ONCE;
        break;
      case 'reviews-failing':
        agenda.noteFailure('reviews', event.error);
        break;
      case 'reviews-recovered':
        agenda.noteRecovery('reviews');
        break;
      case 'timer':
        this.#start(event.task);
        break;
      case 'status-published':
      case 'reviewed':
      case 'mode-chosen':
      case 'folders-scanned':
      case 'catalog-compared':
        break;
    }
    if (this.#mayChangeStatus(event)) this.#statusDueMs ??= this.#statusPublishedAtMs + STATUS_INTERVAL_MS;
    this.#plan();
  }

  /** Starts the task that a timer was set for. */
  #start(task: Task): void {
    const { agenda, roots, scans, losses, status } = this.parts;
    switch (task) {
      case 'root-check':
        this.#rootCheckDueMs = agenda.nowMs + ROOT_CHECK_INTERVAL_MS;
        return agenda.start(task, async () => ({ kind: 'root-checked', result: await roots.check() }));
      case 'full-scan': {
        const { state } = roots;
        if (state?.kind !== 'present') return;
        return agenda.start(task, async (signal) => {
          await scans.runFull(state.identity, signal);
          return { kind: 'scan-ended' };
        });
      }
      case 'folder-scans':
        return agenda.start(task, async (signal) => {
          await scans.runFolders(signal);
          return { kind: 'folders-scanned' };
        });
      case 'losses':
        // Paths may have come up for review since the timer was set.
        if ((losses.nextDueMs(this.#isQuiet) ?? Number.POSITIVE_INFINITY) > agenda.nowMs) return;
        return agenda.start(task, async (signal) => ({
          kind: 'losses-judged',
          isComplete: await losses.judge(signal),
        }));
      case 'status':
        this.#statusDueMs = undefined;
        this.#statusPublishedAtMs = agenda.nowMs;
        return agenda.start(task, async () => {
          status.publish();
          return { kind: 'status-published' };
        });
    }
  }

  /** Sets when each task is due: a scan comes after a root check that is due as well. */
  #plan(): void {
    const { agenda, roots, scans, losses } = this.parts;
    const isRootKnown = roots.isPresent && !agenda.isRunning('root-check') && this.#rootCheckDueMs > agenda.nowMs;
    const scanDueMs = scans.schedule.nextFullScanMs(roots.changes.choice.mode);
    agenda.plan('root-check', this.#rootCheckDueMs);
    agenda.plan('full-scan', isRootKnown ? scanDueMs : undefined);
    agenda.plan('folder-scans', isRootKnown && scans.schedule.hasFolders ? AT_ONCE : undefined);
    agenda.plan('losses', isRootKnown ? losses.nextDueMs(this.#isQuiet) : undefined);
    agenda.plan('status', this.#statusDueMs);
  }

  /** Whether no path waits to be reviewed or scanned that may show that a missing file has only moved. */
  get #isQuiet(): boolean {
    const { agenda, scans, reviews } = this.parts;
    return reviews.waiting === 0 && !scans.schedule.hasFolders && !agenda.isRunning('folder-scans');
  }

  #requestScan(folder: string): void {
    const { roots, scans } = this.parts;
    if (!roots.isPresent) return scans.schedule.folderUnavailable();
    if (folder === '') this.#rootCheckDueMs = AT_ONCE;
    scans.schedule.request(folder);
  }

  #rootChecked(result: RootCheck): void {
    const { agenda, scans } = this.parts;
    switch (result) {
      case 'same':
        return;
      case 'replaced':
        agenda.retryNow('full-scan');
        return scans.schedule.request('');
      case 'unavailable':
        return scans.schedule.folderUnavailable();
    }
  }

  /** Checks that find nothing new leave the status alone; a running scan changes it all the time. */
  #mayChangeStatus(event: CollectionEvent): boolean {
    if (event.kind === 'timer') return event.task === 'full-scan';
    if (event.kind === 'root-checked') return event.result !== 'same';
    if (event.kind === 'status-published') return this.parts.status.isScanning;
    return true;
  }
}
