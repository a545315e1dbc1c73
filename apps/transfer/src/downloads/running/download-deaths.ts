import type { DurableStore } from '@allibrary/platform';

/** A download during which the process died so often is paused: one death may have another cause. */
export const MOST_DEATHS = 2;

/**
 * Counts how often the process died during a download. A run is noted on disk before it begins and when it has ended; one
 * that never ended tells the next that its process died.
 */
export class DownloadDeaths {
  constructor(private readonly store: DurableStore) {}

  /** Notes that a run begins, and returns how often the process died during the download before. */
  begin(id: string): number {
    this.store
      .prepare(
        `INSERT INTO download_deaths (id, is_running, deaths) VALUES (?, 1, 0)
         ON CONFLICT (id) DO UPDATE SET deaths = deaths + is_running, is_running = 1`,
      )
      .run(id);
    return Number(this.store.prepare('SELECT deaths FROM download_deaths WHERE id = ?').get(id)?.['deaths']);
  }

  /** Notes that a run has ended, in whatever way but the death of its process. */
  end(id: string): void {
    this.store.prepare('DELETE FROM download_deaths WHERE id = ? AND deaths = 0').run(id);
    this.store.prepare('UPDATE download_deaths SET is_running = 0 WHERE id = ?').run(id);
  }

  /** The download has proven harmless, or its owner wants it all the same: earlier deaths do not count. */
  forgive(id: string): void {
    this.store.prepare('UPDATE download_deaths SET deaths = 0 WHERE id = ?').run(id);
  }
}
