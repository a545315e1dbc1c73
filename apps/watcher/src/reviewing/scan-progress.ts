/** How far a scan has come. */
export interface ScanProgress {
  readonly startedAtMs: number;
  readonly filesSeen: number;
  /** Number of files known after the last scan. */
  readonly filesExpected: number;
}

/** With fewer files the estimate is too rough. */
const FEWEST_SEEN = 100;

/** Estimates how long the rest of a scan takes at its speed so far; null while that is unknown. */
export function etaMs({ startedAtMs, filesSeen, filesExpected }: ScanProgress, nowMs: number): number | null {
  if (filesSeen < FEWEST_SEEN || filesSeen >= filesExpected) return null;
  return Math.max(0, nowMs - startedAtMs) * (filesExpected / filesSeen - 1);
}
