/** Desired number of connected peers. */
export interface ConnectionTarget {
  readonly low: number;
  readonly high: number;
}

/** A connected peer, as pruning ranks it. */
export interface ConnectedPeer {
  readonly peerId: string;
  readonly isProtected: boolean;
  readonly isLibrary: boolean;
  /** Ban score. */
  readonly score: number;
  /** Whether it has an open stream, such as a download. */
  readonly isBusy: boolean;
  readonly connectedAtMs: number;
}

/** Number of peers that are missing. */
export const missing = (target: ConnectionTarget, connected: number): number => Math.max(0, target.low - connected);

/** Peers to disconnect: strangers before libraries, the highest ban score first, then the idle, then the newest. */
export function peersToPrune(target: ConnectionTarget, connected: readonly ConnectedPeer[]): string[] {
  const surplus = Math.max(0, connected.length - target.high);
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
