/** How far a scan has come. */
export interface ScanProgress {
  readonly startedAtMs: number;
  readonly filesSeen: number;
  /** As many as the last scan left known. */
  readonly filesExpected: number;
}

/** Too little has been seen before to tell a pace. */
const FEWEST_SEEN = 100;

/** How long the rest of a scan takes at its pace so far; null while that can't be told. */
export function etaMs({ startedAtMs, filesSeen, filesExpected }: ScanProgress, nowMs: number): number | null {
  if (filesSeen < FEWEST_SEEN || filesSeen >= filesExpected) return null;
  return Math.max(0, nowMs - startedAtMs) * (filesExpected / filesSeen - 1);
}
