import type { DurableStore } from '@allibrary/platform';

/** Deaths of the process during one download after which it is paused: a single one may have another cause. */
export const MOST_DEATHS = 2;

/** How long a run that brings bytes, or any run, must last to show that the download does not crash the process. */
const HARMLESS_AFTER_MS = { fruitful: 3_000, any: 600_000 };

/** Whether a run that has lasted this long, and brought so many bytes, shows that the download does not crash the process. */
export const isHarmless = (runMs: number, broughtBytes: number): boolean =>
  runMs > (broughtBytes > 0 ? HARMLESS_AFTER_MS.fruitful : HARMLESS_AFTER_MS.any);

/**
 * Counts how often the process died during a download. The start and the end of each run are stored; a run without an end
 * counts as a death when the next one begins.
 */
export class DownloadDeaths {
  constructor(private readonly store: DurableStore) {}

  /** Stores that a run begins, and returns how often the process has died during the download. */
  begin(id: string): number {
    this.store
      .prepare(
        `INSERT INTO download_deaths (id, is_running, deaths) VALUES (?, 1, 0)
         ON CONFLICT (id) DO UPDATE SET deaths = deaths + is_running, is_running = 1`,
      )
      .run(id);
    return Number(this.store.prepare('SELECT deaths FROM download_deaths WHERE id = ?').get(id)?.['deaths']);
  }

  /** Stores that a run has ended other than by the death of its process. */
  end(id: string): void {
    this.store.prepare('DELETE FROM download_deaths WHERE id = ? AND deaths = 0').run(id);
    this.store.prepare('UPDATE download_deaths SET is_running = 0 WHERE id = ?').run(id);
  }

  /** Resets the count: the download has proven harmless, or its owner wants it all the same. */
  forgive(id: string): void {
    this.store.prepare('UPDATE download_deaths SET deaths = 0 WHERE id = ?').run(id);
  }
}
