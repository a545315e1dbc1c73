/** Which way document bytes flow, as seen from this node. */
export type Direction = 'received' | 'sent';

/** Who the bytes flow to or from, and of which document: flows share a limit fairly. */
export interface Flow {
  readonly peerId: string;
  readonly documentId: string;
}

/** No more bytes may be sent now, and waiting would not help soon. */
export class FlowRefused extends Error {
  override readonly name = 'FlowRefused';
}

/** Keeps the node's limits: bytes are admitted before they are asked of a peer, and before they are written to one. */
export interface Throttle {
  /**
   * Resolves when the bytes may flow; rejects when the signal aborts, or with {@link FlowRefused} when bytes may
   * not be sent at all.
   */
  admit(direction: Direction, bytes: number, flow: Flow, signal: AbortSignal): Promise<void>;
}

/** The throttle of who has no limits, such as a test. */
export const unthrottled: Throttle = { admit: async () => {} };
