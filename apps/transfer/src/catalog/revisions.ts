import { join } from 'node:path';
import { type DurableStore, type ReadModel, openDurableStore } from '@allibrary/platform';

/** So many revisions are reserved with one fsync. */
const STEP = 1_000_000;

/** Opens the store that remembers which revisions may have been given out. */
export const openRevisionStore = (dataDir: string): DurableStore =>
  openDurableStore({
    file: join(dataDir, 'transfer', 'revisions.sqlite'),
    migrations: ['CREATE TABLE reserved (revision INTEGER NOT NULL)'],
  });

/**
 * Numbers the facts about documents. The counter is written in the transaction of what it numbers, and a power cut may
 * take back the last of these. So each start continues above everything that was reserved before, on another disk write
 * that is never taken back. A store that is lost begins at the present time in milliseconds, which is far above any number
 * that was given out before: a start costs less than the 1,000 s that a step is long.
 */
export class Revisions {
  #reserved = 0;

  constructor(
    private readonly model: ReadModel,
    private readonly store: DurableStore,
    now: () => number,
  ) {
    const first = this.#reserve((reserved) => Math.max(reserved ?? now(), this.#counter ?? 0));
    model.transaction(() => {
      if (this.#counter === undefined) model.prepare('INSERT INTO revision (latest) VALUES (?)').run(first);
      else model.prepare('UPDATE revision SET latest = max(latest, ?)').run(first);
    });
  }

  /** The highest revision that was given out. */
  get latest(): number {
    return this.#counter ?? 0;
  }

  /** Returns the next revision; to be called inside the transaction of what it numbers. */
  next(): number {
    const next = Number(
      this.model.prepare('UPDATE revision SET latest = latest + 1 RETURNING latest').get()?.['latest'],
    );
    if (next > this.#reserved) this.#reserve((reserved) => Math.max(reserved ?? 0, next));
    return next;
  }

  get #counter(): number | undefined {
    return this.model.prepare('SELECT latest FROM revision').get()?.['latest'] as number | undefined;
  }

  /** Reserves one step from where the callback puts its beginning. */
  #reserve(from: (reserved: number | undefined) => number): number {
    return this.store.transaction(() => {
      const reserved = this.store.prepare('SELECT revision FROM reserved').get()?.['revision'] as number | undefined;
      const first = from(reserved);
      this.#reserved = first + STEP;
      if (reserved === undefined) this.store.prepare('INSERT INTO reserved (revision) VALUES (?)').run(this.#reserved);
      else this.store.prepare('UPDATE reserved SET revision = ?').run(this.#reserved);
      return first;
    });
  }
}
