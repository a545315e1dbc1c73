import { type Sighting, isSameSighting } from '../seeing/sighting.ts';

interface Still {
  readonly sighting: Sighting;
  /** When it was first seen like this. */
  readonly sinceMs: number;
  /** When it is checked next. */
  readonly checkAtMs: number;
}

/**
 * The paths that changed and must stay unchanged for a while before they are published. A path is in here once, however
 * often it changes; the time comes from outside and never runs backwards.
 */
export class Settling {
  /** In the order of `checkAtMs`: each entry is put behind all others, one settling time from then. */
  readonly #paths = new Map<string, Still>();

  constructor(readonly settleMs: number) {}

  get size(): number {
    return this.#paths.size;
  }

  /** When the next path is to be checked; undefined when none is in here. */
  get nextCheckAtMs(): number | undefined {
    return this.#first()?.[1].checkAtMs;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Records what was seen at a path. Returns true, and removes the path, when that is unchanged for the settling time. */
  see(path: string, sighting: Sighting, nowMs: number): boolean {
    const before = this.#paths.get(path);
    if (!before || !isSameSighting(before.sighting, sighting)) {
      this.#putLast(path, { sighting, sinceMs: nowMs, checkAtMs: nowMs + this.settleMs });
      return false;
    }
    if (nowMs - before.sinceMs < this.settleMs) return false;
    this.#paths.delete(path);
    return true;
  }

  /** Returns a path that is due for its check; it is due again one settling time later, if it is still in here then. */
  takeDue(nowMs: number): string | undefined {
    const first = this.#first();
    if (!first || first[1].checkAtMs > nowMs) return undefined;
    const [path, still] = first;
    this.#putLast(path, { ...still, checkAtMs: nowMs + this.settleMs });
    return path;
  }

  /** Removes a path of which there is nothing to publish. */
  forget(path: string): void {
    this.#paths.delete(path);
  }

  #first(): [string, Still] | undefined {
    return this.#paths.entries().next().value;
  }

  #putLast(path: string, still: Still): void {
    this.#paths.delete(path);
    this.#paths.set(path, still);
  }
}
