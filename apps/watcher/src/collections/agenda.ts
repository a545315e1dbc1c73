import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Clock } from '../known/clock.ts';
import type { CollectionEvent, Task, TaskEvent } from './collection-events.ts';
import type { EventQueue } from './event-queue.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

interface Plan {
  readonly dueMs: number;
  readonly timer: NodeJS.Timeout;
}

/** What may fail: a task, or the reviews, which have a queue and pauses of their own. */
type FailingPart = Task | 'reviews';

interface Failure {
  readonly message: string;
  readonly pauseMs: number;
  readonly retryAtMs: number;
}

/**
 * The tasks of a collection: one timer for each that is due later, and the tasks that run. A failed task is retried after
 * a pause, which doubles with each failure.
 */
export class Agenda {
  readonly #closing = new AbortController();
  readonly #plans = new Map<Task, Plan>();
  readonly #running = new Map<Task, Promise<void>>();
  readonly #failures = new Map<FailingPart, Failure>();

  constructor(
    private readonly events: Pick<EventQueue<CollectionEvent>, 'push'>,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** The time by which all due times are given. */
  get nowMs(): number {
    return this.clock.steadyMs();
  }

  isRunning(task: Task): boolean {
    return this.#running.has(task);
  }

  /** Sets when the task is due, replacing what was set before; undefined for never. A running task is not due. */
  plan(task: Task, dueMs: number | undefined): void {
    const isIdle = dueMs === undefined || this.isRunning(task) || this.#closing.signal.aborted;
    const atMs = isIdle ? undefined : Math.max(dueMs, this.#failures.get(task)?.retryAtMs ?? dueMs);
    const plan = this.#plans.get(task);
    if (plan?.dueMs === atMs) return;
    clearTimeout(plan?.timer);
    if (atMs === undefined) this.#plans.delete(task);
    else this.#plans.set(task, { dueMs: atMs, timer: this.#timer(task, atMs) });
  }

  /** Starts the task, whose end or failure is an event. */
  start(task: Task, run: (signal: AbortSignal) => Promise<TaskEvent>): void {
    const { signal } = this.#closing;
    if (this.isRunning(task) || signal.aborted) return;
    const outcome = run(signal).then(
      (event): CollectionEvent => {
        this.noteRecovery(task);
        return event;
      },
      (error: unknown): CollectionEvent => {
        if (!signal.aborted) this.noteFailure(task, error);
        return { kind: 'task-failed', task };
      },
    );
    this.#running.set(
      task,
      outcome.then((event) => {
        this.#running.delete(task);
        this.events.push(event);
      }),
    );
  }

  /** Logs a failure, unless it is the same as before, and sets the pause until the retry. */
  noteFailure(part: FailingPart, error: unknown): void {
    const before = this.#failures.get(part);
    const message = describeError(error);
    const pauseMs = Math.min((before?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2, LONGEST_PAUSE_MS);
    this.#failures.set(part, { message, pauseMs, retryAtMs: this.nowMs + pauseMs });
    if (message !== before?.message) this.log.warn({ part, error: message }, 'watching failed, retrying');
  }

  noteRecovery(part: FailingPart): void {
    if (this.#failures.delete(part)) this.log.info({ part }, 'watching recovered');
  }

  /** Lets a failed task be retried at once: the cause may be gone. */
  retryNow(task: Task): void {
    this.#failures.delete(task);
  }

  /** Aborts the tasks that run, and waits for their end. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { timer } of this.#plans.values()) clearTimeout(timer);
    this.#plans.clear();
    await Promise.all(this.#running.values());
  }

  #timer(task: Task, atMs: number): NodeJS.Timeout {
    const waitMs = Math.max(0, Math.ceil(atMs - this.nowMs));
    return setTimeout(() => {
      this.#plans.delete(task);
      this.events.push({ kind: 'timer', task });
    }, waitMs);
  }
}
