/**
 * A single missed look says nothing: after this program itself was suspended, one look fails however the services are.
 */
const LEAST_LOOKS = 3;
/** A service that starts may read its whole store, or wait for the bus, before it answers. */
const START_PATIENCE = 4;

interface Quiet {
  readonly sinceMs: number;
  readonly looks: number;
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

  /** Takes in whether a service answered. */
  note(service: string, answered: boolean, nowMs: number): void {
    if (answered) {
      this.#quiet.delete(service);
      this.#starting.delete(service);
      return;
    }
    const { sinceMs, looks } = this.#quiet.get(service) ?? { sinceMs: nowMs, looks: 0 };
    this.#quiet.set(service, { sinceMs, looks: looks + 1 });
  }

  /** Whether a service has been silent for so long that only a restart helps. */
  isHung(service: string, nowMs: number): boolean {
    const quiet = this.#quiet.get(service);
    if (!quiet || quiet.looks < LEAST_LOOKS) return false;
    const limitMs = this.#starting.has(service) ? START_PATIENCE * this.#hungAfterMs : this.#hungAfterMs;
    return nowMs - quiet.sinceMs >= limitMs;
  }

  /** Notes that a service has a new process. */
  restarted(service: string): void {
    this.#quiet.delete(service);
    this.#starting.add(service);
  }
}
