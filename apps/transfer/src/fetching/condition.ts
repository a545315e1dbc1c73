/** Lets workers wait for more work, for a limited time. */
export class Condition {
  #notified = Promise.withResolvers<void>();
  #isNotified = false;

  /** Wakes everyone who waits, or the next one who does. */
  notify(): void {
    this.#isNotified = true;
    this.#notified.resolve();
  }

  /** Resolves when notified since the last wait, after the limit, or when the signal aborts. */
  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(resolve, limitMs);
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#notified.promise, promise]);
    clearTimeout(limit);
    signal.removeEventListener('abort', onAbort);
    if (!this.#isNotified) return;
    this.#isNotified = false;
    this.#notified = Promise.withResolvers();
  }
}
