import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Clock } from '../known/clock.ts';
import type { CollectionEvent, Work, WorkEvent } from './collection-events.ts';
import type { EventQueue } from './event-queue.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

interface Plan {
  readonly dueMs: number;
  readonly timer: NodeJS.Timeout;
}

/** What may fail: a work, or the reviews, which have a queue and pauses of their own. */
type Task = Work | 'review';

interface Failure {
  readonly message: string;
  readonly pauseMs: number;
  readonly retryAtMs: number;
}

/**
 * The works of a collection: one timer for each that is due later, and the works that run. A failed work is retried after
 * a pause, which doubles with each failure.
 */
export class Agenda {
  readonly #closing = new AbortController();
  readonly #plans = new Map<Work, Plan>();
  readonly #running = new Map<Work, Promise<void>>();
  readonly #failures = new Map<Task, Failure>();

  constructor(
    private readonly events: Pick<EventQueue<CollectionEvent>, 'push'>,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** The time by which all due times are given. */
  get nowMs(): number {
    return this.clock.steadyMs();
  }

  isRunning(work: Work): boolean {
    return this.#running.has(work);
  }

  /** Sets when the work is due, replacing what was set before; undefined for never. A running work is not due. */
  plan(work: Work, dueMs: number | undefined): void {
    const isIdle = dueMs === undefined || this.isRunning(work) || this.#closing.signal.aborted;
    const atMs = isIdle ? undefined : Math.max(dueMs, this.#failures.get(work)?.retryAtMs ?? dueMs);
    const plan = this.#plans.get(work);
    if (plan?.dueMs === atMs) return;
    clearTimeout(plan?.timer);
    if (atMs === undefined) this.#plans.delete(work);
    else this.#plans.set(work, { dueMs: atMs, timer: this.#timer(work, atMs) });
  }

  /** Starts the work, whose end or failure is an event. */
  start(work: Work, run: (signal: AbortSignal) => Promise<WorkEvent>): void {
    const { signal } = this.#closing;
    if (this.isRunning(work) || signal.aborted) return;
    const outcome = run(signal).then(
      (event): CollectionEvent => {
        this.noteRecovery(work);
        return event;
      },
      (error: unknown): CollectionEvent => {
        if (!signal.aborted) this.noteFailure(work, error);
        return { kind: 'work-failed', work };
      },
    );
    this.#running.set(
      work,
      outcome.then((event) => {
        this.#running.delete(work);
        this.events.push(event);
      }),
    );
  }

  /** Logs a failure, unless it is the same as before, and sets the pause until the retry. */
  noteFailure(task: Task, error: unknown): void {
    const before = this.#failures.get(task);
    const message = describeError(error);
    const pauseMs = Math.min((before?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2, LONGEST_PAUSE_MS);
    this.#failures.set(task, { message, pauseMs, retryAtMs: this.nowMs + pauseMs });
    if (message !== before?.message) this.log.warn({ task, error: message }, 'task failed, retrying');
  }

  noteRecovery(task: Task): void {
    if (this.#failures.delete(task)) this.log.info({ task }, 'task recovered');
  }

  /** Lets a failed work be retried at once: the cause may be gone. */
  retryNow(work: Work): void {
    this.#failures.delete(work);
  }

  /** Aborts the works that run, and waits for their end. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { timer } of this.#plans.values()) clearTimeout(timer);
    this.#plans.clear();
    await Promise.all(this.#running.values());
  }

  #timer(work: Work, atMs: number): NodeJS.Timeout {
    const waitMs = Math.max(0, Math.ceil(atMs - this.nowMs));
    return setTimeout(() => {
      this.#plans.delete(work);
      this.events.push({ kind: 'timer', work });
    }, waitMs);
  }
}
