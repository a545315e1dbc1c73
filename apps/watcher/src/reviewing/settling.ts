import { type Sighting, isSameSighting } from '../seeing/sighting.ts';

interface Still {
  readonly sighting: Sighting;
  /** Since when it has been seen like this. */
  readonly sinceMs: number;
  /** When it wants its next look. */
  readonly lookAtMs: number;
}

/**
 * The paths that changed and must keep still for a while before anything is said of them. A path is in here once,
 * however often it changes; the time comes from outside and never runs backwards.
 */
export class Settling {
  /** In the order of `lookAtMs`: each entry is put behind all others, one settling time from then. */
  readonly #paths = new Map<string, Still>();

  constructor(private readonly settleMs: number) {}

  get size(): number {
    return this.#paths.size;
  }

  /** When the next path wants a look, or undefined when none does. */
  get nextLookAtMs(): number | undefined {
    return this.#first()?.[1].lookAtMs;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Notes what was seen at a path. Answers true, and lets go of it, when that has not changed for the settling time. */
  see(path: string, sighting: Sighting, nowMs: number): boolean {
    const before = this.#paths.get(path);
    if (!before || !isSameSighting(before.sighting, sighting)) {
      this.#putLast(path, { sighting, sinceMs: nowMs, lookAtMs: nowMs + this.settleMs });
      return false;
    }
    if (nowMs - before.sinceMs < this.settleMs) return false;
    this.#paths.delete(path);
    return true;
  }

  /** A path whose time for another look has come; it comes again, one settling time later, if it is still in here then. */
  takeDue(nowMs: number): string | undefined {
    const first = this.#first();
    if (!first || first[1].lookAtMs > nowMs) return undefined;
    const [path, still] = first;
    this.#putLast(path, { ...still, lookAtMs: nowMs + this.settleMs });
    return path;
  }

  /** Lets go of a path of which there is nothing to say. */
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
