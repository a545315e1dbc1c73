import {
  type Download,
  type DownloadCause,
  DownloadPriority,
  type DownloadState as ShownState,
} from '@allibrary/contracts';
import type { DesiredDownload } from './orders/download-order.ts';
import { type DownloadState, QUEUED } from './download-state.ts';

/** What a run has found out and fetched. */
export interface DownloadProgress extends Pick<Download, 'name' | 'sizeBytes' | 'bytesDone' | 'sources'> {
  readonly mediaType: string | null;
}

/** A download as it is stored. */
export interface DownloadRecord extends DownloadProgress {
  readonly id: string;
  readonly documentId: string;
  readonly state: DownloadState;
  readonly desired: DesiredDownload;
  readonly requestedAtMs: number;
  readonly steeredAtMs: number;
  /** When it ended last; 0 when never. */
  readonly endedAtMs: number;
}

/** The columns of a download's state: the first is the state that users see, so that it can be listed and counted. */
export interface StateColumns {
  readonly state: ShownState | 'forgotten';
  readonly cause: string | null;
  readonly reason: string | null;
}

export type Row = Record<string, unknown>;

const LONGEST_REASON = 500;
/** Causes that the column stores under their own names. */
const STORED_CAUSES = ['crash', 'budget', 'disk'] as const;
/** A download that was interrupted by its hold is marked in the column `cause`. */
const AT_WORK = ':active';

/** SQL: the download has not ended. */
export const UNFINISHED = `state IN ('queued', 'active', 'paused')`;
/** SQL: the download was paused after crashes, until its owner resumes it. Never NULL, as a pause always has a cause. */
export const CRASHED = `(state = 'paused' AND cause = 'crash')`;
/** SQL: something holds the download. */
export const HELD = `(state = 'paused' AND cause IN ('collection', 'collection${AT_WORK}', 'network', 'network${AT_WORK}'))`;

/** The columns that store a state. */
export function columnsOf(state: DownloadState): StateColumns {
  switch (state.kind) {
    case 'queued':
      return columns('queued', state.after && CAUSE_OF_SHORTAGE[state.after.of], state.after?.reason);
    case 'finding sources':
      return columns('active', 'no-source', state.reason);
    case 'fetching':
      return columns('active', state.missing === null ? null : 'missing-pieces', state.missing);
    case 'completing':
      return columns('active', 'completing');
    case 'paused':
      return columns('paused', state.cause === 'owner' ? 'user' : state.cause, state.reason);
    case 'held':
      return columns('paused', CAUSE_OF_HOLDER[state.by] + (state.before === 'queued' ? '' : AT_WORK), state.reason);
    case 'failed':
      return columns('failed', state.code, state.reason);
    case 'completed':
    case 'cancelled':
    case 'forgotten':
      return columns(state.kind);
  }
}

const columns = (
  state: StateColumns['state'],
  cause: string | null = null,
  reason: string | null = null,
): StateColumns => ({ state, cause, reason: reason?.slice(0, LONGEST_REASON) ?? null });

const CAUSE_OF_SHORTAGE = { sources: 'no-source', pieces: 'missing-pieces' } as const;
const CAUSE_OF_HOLDER = { network: 'network', 'frozen collection': 'collection' } as const;

/** Reads a state; what earlier versions stored is read as well. */
export function stateOf(row: Row): DownloadState {
  const [kind, cause] = [String(row['state']), String(row['cause'])];
  const reason = row['reason'] as string | null;
  const text = reason ?? '';
  switch (kind) {
    case 'queued':
      if (cause === 'no-source') return { kind, after: { of: 'sources', reason: text } };
      return cause === 'missing-pieces' ? { kind, after: { of: 'pieces', reason: text } } : QUEUED;
    case 'active':
      if (cause === 'completing') return { kind: 'completing' };
      if (cause === 'no-source') return { kind: 'finding sources', reason: text };
      return { kind: 'fetching', missing: cause === 'missing-pieces' ? text : null };
    case 'paused':
      return pausedState(cause, reason);
    case 'failed':
      return { kind, code: cause === 'invalid-document' ? cause : 'internal', reason };
    case 'completed':
    case 'cancelled':
    case 'forgotten':
      return { kind };
    default:
      throw new Error(`${kind} is not a stored state of a download`);
  }
}

function pausedState(cause: string, reason: string | null): DownloadState {
  const [holder, suffix] = cause.split(':');
  const before = suffix === undefined ? 'queued' : 'finding sources';
  if (holder === 'network') return { kind: 'held', by: 'network', reason: reason ?? '', before };
  if (holder === 'collection') return { kind: 'held', by: 'frozen collection', reason: reason ?? '', before };
  if (cause === 'user') return { kind: 'paused', cause: 'owner', reason };
  return { kind: 'paused', cause: STORED_CAUSES.find((known) => known === cause) ?? 'internal', reason };
}

/** What users see of a state. */
export function shownState(state: DownloadState): Pick<Download, 'state' | 'cause' | 'reason'> {
  const { state: shown, cause, reason } = columnsOf(state);
  if (shown === 'forgotten') throw new Error('a forgotten download is not shown');
  const isShown = cause !== null && cause !== 'completing';
  return { state: shown, cause: isShown ? (cause.replace(AT_WORK, '') as DownloadCause) : null, reason };
}

export function recordOf(row: Row): DownloadRecord {
  const priority = DownloadPriority.options[Number(row['priority'])] ?? 'normal';
  return {
    id: String(row['id']),
    documentId: String(row['document_id']),
    name: String(row['name']),
    mediaType: row['media_type'] as string | null,
    sizeBytes: row['size_bytes'] === null ? null : Number(row['size_bytes']),
    bytesDone: Number(row['bytes_done']),
    state: stateOf(row),
    sources: JSON.parse(String(row['sources'])) as Download['sources'],
    requestedAtMs: Number(row['requested_at_ms']),
    steeredAtMs: Number(row['steered_at_ms']),
    endedAtMs: Number(row['ended_at_ms']),
    desired: {
      isPaused: row['is_paused'] === 1,
      priority,
      frontAtMs: Number(row['front_at_ms']) || null,
      wantedAtMs: Number(row['wanted_at_ms']),
    },
  };
}
