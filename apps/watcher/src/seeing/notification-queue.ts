import { readFileSync } from 'node:fs';

const QUEUE_SIZE_FILE = '/proc/sys/fs/inotify/max_queued_events';
const DEFAULT_QUEUE_SIZE = 16_384;

/**
 * The kernel's queue of file system notifications, which all watches of a process share (inotify(7)). When it is full,
 * notifications are dropped, and libuv does not report that. It also reads the queue to its end before it returns to the event loop,
 * so that a fast writer can keep it there for good. Both show as very many notifications in one turn of the event loop.
 */
export class NotificationQueue {
  readonly #listeners = new Set<() => void>();
  #delivered = 0;

  /** Half of the queue's size by default: notifications of folders that are no longer watched take room but are not delivered. */
  constructor(private readonly limit = queueSize() / 2) {}

  /** Counts a delivered notification; when there were too many in this turn of the event loop, every listener is called. */
  count(): void {
    if (this.#delivered === 0) setImmediate(() => (this.#delivered = 0));
    this.#delivered += 1;
    if (this.#delivered === Math.ceil(this.limit)) for (const listener of [...this.#listeners]) listener();
  }

  /** Registers a listener, which must stop its watches at once; returns what removes it. */
  onOverflow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function queueSize(): number {
  try {
    return Number(readFileSync(QUEUE_SIZE_FILE, 'utf8')) || DEFAULT_QUEUE_SIZE;
  } catch {
    return DEFAULT_QUEUE_SIZE; // another system than Linux
  }
}
