/** How many peers to be connected to. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** What is known of a connected peer when some have to go. */
export interface ConnectedPeer {
  readonly peerId: string;
  readonly isProtected: boolean;
  readonly isLibrary: boolean;
  /** How much it has offended. */
  readonly score: number;
  /** Whether a stream of it is being served: a download, a question. */
  readonly isBusy: boolean;
  readonly connectedAtMs: number;
}

/** How many peers are missing. */
export const missing = (band: Band, connected: number): number => Math.max(0, band.low - connected);

/** Whom to let go: strangers before libraries, offenders before others, the idle before the busy, the newest first. */
export function toLetGo(band: Band, connected: readonly ConnectedPeer[]): string[] {
  const surplus = Math.max(0, connected.length - band.high);
  return connected
    .filter(({ isProtected }) => !isProtected)
    .toSorted(
      (a, b) =>
        Number(a.isLibrary) - Number(b.isLibrary) ||
        b.score - a.score ||
        Number(a.isBusy) - Number(b.isBusy) ||
        b.connectedAtMs - a.connectedAtMs,
    )
    .slice(0, surplus)
    .map(({ peerId }) => peerId);
}
