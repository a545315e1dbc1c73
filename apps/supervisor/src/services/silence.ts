/** A single failed check proves nothing: the first one after this program itself was suspended fails even if all is well. */
const MIN_FAILED_CHECKS = 3;
/** Factor for a starting service: it may read its whole store, or wait for the bus, before it answers. */
const START_PATIENCE = 4;

interface Quiet {
  readonly sinceMs: number;
  readonly failedChecks: number;
}

/** Decides which services hang: those that have not answered their health checks for too long. */
export class Silence {
  readonly #quiet = new Map<string, Quiet>();
  /** Services whose new process has not answered yet. */
  readonly #starting = new Set<string>();

  readonly #hungAfterMs: number;

  constructor(hungAfterMs: number) {
    this.#hungAfterMs = hungAfterMs;
  }

  /** Records whether a service answered a health check. */
  note(service: string, answered: boolean, nowMs: number): void {
    if (answered) {
      this.#quiet.delete(service);
      this.#starting.delete(service);
      return;
    }
    const { sinceMs, failedChecks } = this.#quiet.get(service) ?? { sinceMs: nowMs, failedChecks: 0 };
    this.#quiet.set(service, { sinceMs, failedChecks: failedChecks + 1 });
  }

  /** Whether a service has been silent too long and must be restarted. */
  isHung(service: string, nowMs: number): boolean {
    const quiet = this.#quiet.get(service);
    if (!quiet || quiet.failedChecks < MIN_FAILED_CHECKS) return false;
    const limitMs = this.#starting.has(service) ? START_PATIENCE * this.#hungAfterMs : this.#hungAfterMs;
    return nowMs - quiet.sinceMs >= limitMs;
  }

  /** Records that a service has a new process. */
  restarted(service: string): void {
    this.#quiet.delete(service);
    this.#starting.add(service);
  }
}
