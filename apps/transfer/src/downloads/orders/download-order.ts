import type { Data, DownloadEnded, DownloadPriority, DownloadRequested, DownloadSteered } from '@allibrary/contracts';

/** What the owner wants of a download. */
export interface DesiredDownload {
  readonly isPaused: boolean;
  readonly priority: DownloadPriority;
  /** When it was moved to the front of its priority; null when it never was. */
  readonly frontAtMs: number | null;
  /** Since when it is wanted: an end before that does not count any more. */
  readonly wantedAtMs: number;
}

/** How a download ended. */
export type DownloadEnd = Omit<Data<typeof DownloadEnded>, 'id' | 'documentId'>;

/**
 * What the owner ordered of one download, and how it ended. Its times order its changes: each is later than all before,
 * whatever the clock does ({@link nextMoment}).
 */
export interface DownloadOrder {
  readonly id: string;
  readonly documentId: string;
  readonly requestedAtMs: number;
  readonly desired: DesiredDownload;
  /** When the owner last changed it; 0 when never. */
  readonly steeredAtMs: number;
  /** The latest end; it holds only while {@link endOf} returns it. */
  readonly end: DownloadEnd | null;
}

/** An order as it was given at first. */
export const newOrder = ({ id, documentId, requestedAtMs }: Data<typeof DownloadRequested>): DownloadOrder => ({
  ...{ id, documentId, requestedAtMs },
  desired: { isPaused: false, priority: 'normal', frontAtMs: null, wantedAtMs: requestedAtMs },
  steeredAtMs: 0,
  end: null,
});

/** As much of an order as a change of the owner's mind shows. */
export function orderOfSteered(fact: Data<typeof DownloadSteered>): DownloadOrder {
  const { id, documentId, isPaused, priority, frontAtMs, wantedAtMs, steeredAtMs } = fact;
  const desired = { isPaused, priority, frontAtMs, wantedAtMs };
  return { id, documentId, requestedAtMs: wantedAtMs, desired, steeredAtMs, end: null };
}

/** As much of an order as its end shows. */
export function orderOfEnded({ id, documentId, ...end }: Data<typeof DownloadEnded>): DownloadOrder {
  const order = newOrder({ id, documentId, requestedAtMs: end.endedAtMs });
  return { ...order, end };
}

/** What is known of an order from two accounts of it; the same whichever comes first, and however often. */
export function mergeOrders(one: DownloadOrder, other: DownloadOrder): DownloadOrder {
  const later = other.steeredAtMs > one.steeredAtMs ? other : one;
  return {
    ...one,
    requestedAtMs: Math.min(one.requestedAtMs, other.requestedAtMs),
    desired: { ...later.desired, wantedAtMs: wantedAtMs(one, other) },
    steeredAtMs: later.steeredAtMs,
    end: laterEnd(one.end, other.end),
  };
}

/** A final end counts before any other, so that the result does not depend on which account came first. */
function laterEnd(one: DownloadEnd | null, other: DownloadEnd | null): DownloadEnd | null {
  if (!one || !other) return one ?? other;
  const byFinality = finality(other) - finality(one);
  return byFinality > 0 || (byFinality === 0 && other.endedAtMs > one.endedAtMs) ? other : one;
}

/** What was completed can only be forgotten, and what was forgotten stays so. */
const finality = ({ outcome }: DownloadEnd): number => ['completed', 'forgotten'].indexOf(outcome);

/** A retry moves the time from which on it is wanted; before the first, that is the time of the request. */
function wantedAtMs(one: DownloadOrder, other: DownloadOrder): number {
  const steered = [one, other].filter(({ steeredAtMs }) => steeredAtMs > 0).map(({ desired }) => desired.wantedAtMs);
  return steered.length > 0 ? Math.max(...steered) : Math.min(one.desired.wantedAtMs, other.desired.wantedAtMs);
}

/** Whether no later order of the owner undoes this end. */
export const isFinal = (end: DownloadEnd): boolean => finality(end) >= 0;

/** How the download ended; null while it is wanted. */
export const endOf = ({ end, desired }: DownloadOrder): DownloadEnd | null =>
  end && (isFinal(end) || end.endedAtMs >= desired.wantedAtMs) ? end : null;

/**
 * A time for the next change of an order, later than all of its changes: a clock that was set back must not let a later
 * command lose to an earlier one.
 */
export const nextMoment = ({ desired, steeredAtMs, end }: DownloadOrder, nowMs: number): number =>
  Math.max(nowMs, steeredAtMs + 1, desired.wantedAtMs + 1, (end?.endedAtMs ?? 0) + 1);
