/** A replica whose beat has not changed for this long is dead. */
export const SILENCE_LIMIT_MS = 5_000;

/** A replica and its latest beat. */
export interface Beat {
  readonly name: string;
  readonly beat: number;
}

/**
 * Finds out which replicas have died, by the beats that they store: each replica measures with its own steady clock how
 * long a beat stays unchanged, so no clock that can be set, and none of another process, decides.
 */
export class ReplicaWatch {
  readonly #seen = new Map<string, { beat: number; sinceMs: number }>();

  constructor(
    private readonly self: string,
    private readonly clock: () => number,
  ) {}

  /** Compares the stored beats with those seen before, and returns the beats of dead replicas. */
  dead(beats: ReadonlyMap<string, number>): Beat[] {
    for (const name of this.#seen.keys()) if (!beats.has(name)) this.#seen.delete(name);
    return [...beats].flatMap(([name, beat]) =>
      name !== this.self && this.#isStill(name, beat) ? { name, beat } : [],
    );
  }

  #isStill(name: string, beat: number): boolean {
    const seen = this.#seen.get(name);
    if (seen?.beat === beat) return this.clock() - seen.sinceMs >= SILENCE_LIMIT_MS;
    this.#seen.set(name, { beat, sinceMs: this.clock() });
    return false;
  }
}
