import type { WatchMode } from '@allibrary/contracts';
import { isInFolder } from '../seeing/folder-order.ts';

/** How long a scan waits after notifications were lost: a program that makes that many changes is not done yet. */
const OVERFLOW_PAUSE_MS = 1_000;
/** So many folders wait for scans of their own; beyond, the whole collection is scanned. */
const ROOM_FOR_FOLDERS = 1_000;

/** After how many milliseconds a collection is scanned again. */
export interface ScanIntervals {
  readonly rescanMs: number;
  /** For a collection whose changes are not reported. */
  readonly pollMs: number;
}

/** Which scans of a collection are due, and when; the time comes from outside. */
export class ScanSchedule {
  readonly #folders = new Set<string>();
  #isFullRequested = true;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #scannedAtMs: number | undefined;

  constructor(private readonly intervals: ScanIntervals) {}

  /** Whether a folder waits for a scan of its own. */
  get hasFolders(): boolean {
    return this.#folders.size > 0;
  }

  /** Requests a scan of a folder, '' being the whole collection, now or right after the one that runs. */
  request(folder: string): void {
    if (folder === '' || this.#folders.size >= ROOM_FOR_FOLDERS) this.#isFullRequested = true;
    else this.#folders.add(folder);
  }

  /** Requests a full scan after a pause. */
  overflowed(nowMs: number): void {
    this.#notBeforeMs = nowMs + OVERFLOW_PAUSE_MS;
    this.request('');
  }

  /** Drops the requests for folders in favour of a full scan. */
  folderUnavailable(): void {
    this.#folders.clear();
    this.request('');
  }

  fullScanStarted(): void {
    this.#isFullRequested = false;
  }

  fullScanEnded(nowMs: number): void {
    this.#scannedAtMs = nowMs;
  }

  /** When the next full scan is due, in a collection that is watched in this mode. */
  nextFullScanMs(mode: WatchMode): number {
    const { rescanMs, pollMs } = this.intervals;
    if (this.#isFullRequested || this.#scannedAtMs === undefined) return this.#notBeforeMs;
    return Math.max(this.#notBeforeMs, this.#scannedAtMs + (mode === 'events' ? rescanMs : Math.min(pollMs, rescanMs)));
  }

  /** Removes and returns the next folder to scan; one that lies in another waiting folder is left out. */
  takeFolder(): string | undefined {
    for (const folder of this.#folders) {
      this.#folders.delete(folder);
      if (![...this.#folders].some((other) => isInFolder(folder, other))) return folder;
    }
    return undefined;
  }
}
