/** Lets workers wait for more work, for a limited time. */
export class Condition {
  readonly #waiting = new Set<() => void>();
  #isNotified = false;

  /** Wakes everyone who waits, or the next one who does. */
  notify(): void {
    this.#isNotified = true;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when notified since the last wait, after the limit, or when the signal aborts. */
  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (!this.#isNotified) await this.#sleep(limitMs, signal);
    this.#isNotified = false;
  }

  /** No race against one long-lived promise: each of many waits would leave a reaction on it until the next notification. */
  async #sleep(limitMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const limit = setTimeout(wake, limitMs);
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(limit);
    this.#waiting.delete(wake);
    signal.removeEventListener('abort', wake);
  }
}
