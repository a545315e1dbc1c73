import type { Logger } from '@allibrary/platform';
import type { Clock } from '../known/clock.ts';
import type { WatcherMetrics } from '../known/watcher-metrics.ts';
import type { CollectionScan } from '../reviewing/collection-scan.ts';
import type { Losses } from '../reviewing/losses.ts';
import type { ScanSchedule } from './scan-schedule.ts';

/** The collaborators of the scans. */
export interface ScansParts {
  readonly schedule: ScanSchedule;
  readonly scan: CollectionScan;
  readonly losses: Pick<Losses, 'adopt'>;
  readonly metrics: WatcherMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Runs the scans of the schedule. One that fails becomes a request for a full scan. */
export class Scans {
  constructor(private readonly parts: ScansParts) {}

  get schedule(): ScanSchedule {
    return this.parts.schedule;
  }

  /** Scans the whole folder of that identity. */
  async runFull(identity: string, signal: AbortSignal): Promise<void> {
    const { schedule } = this.parts;
    schedule.fullScanStarted();
    try {
      await this.#runFull(identity, signal);
    } catch (error) {
      schedule.request('');
      throw error;
    }
  }

  /** Scans the folders that wait. */
  async runFolders(signal: AbortSignal): Promise<void> {
    const { schedule, scan } = this.parts;
    try {
      for (let folder = schedule.takeFolder(); folder !== undefined; folder = schedule.takeFolder())
        if (!signal.aborted) await scan.runFolder(folder, signal);
    } catch (error) {
      schedule.request('');
      throw error;
    }
  }

  async #runFull(identity: string, signal: AbortSignal): Promise<void> {
    const { schedule, scan, losses, metrics, clock, log } = this.parts;
    const startedAtMs = clock.steadyMs();
    if (scan.isInterrupted) schedule.request(''); // what was scanned before the restart may have changed since
    const files = await scan.runIn(identity, signal);
    if (files === undefined) return schedule.request('');
    losses.adopt(identity);
    const endedAtMs = clock.steadyMs();
    const seconds = (endedAtMs - startedAtMs) / 1_000;
    schedule.fullScanEnded(endedAtMs);
    metrics.scanned(seconds, clock.wallMs());
    log.info({ files, seconds }, 'collection scanned');
  }
}
