/** Wakes those who wait for work, before the time is up. */
export class Bell {
  #rings = Promise.withResolvers<void>();
  #hasRung = false;

  /** Wakes all who wait. */
  ring(): void {
    this.#hasRung = true;
    this.#rings.resolve();
  }

  /** Resolves when it rings or has rung since the last wait, when the time is up, or when the signal aborts. */
  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(resolve, limitMs);
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#rings.promise, promise]);
    clearTimeout(limit);
    signal.removeEventListener('abort', onAbort);
    if (!this.#hasRung) return;
    this.#hasRung = false;
    this.#rings = Promise.withResolvers();
  }
}
