/** Why a download can't go on with the sources it has. */
export interface Shortage {
  readonly of: 'sources' | 'pieces';
  /** For people. */
  readonly reason: string;
}

/** Why a download is paused. A pause by the owner or after a crash lasts until a resume; the others end with the next try. */
export type PauseCause = 'owner' | 'crash' | 'budget' | 'disk' | 'internal';

/** What holds a download: it can't run, and the owner need not do anything about the download itself. */
export type Holder = 'network' | 'frozen collection';

/** Where a download stands. */
export type DownloadState =
  | { readonly kind: 'queued'; readonly after: Shortage | null }
  | { readonly kind: 'finding sources'; readonly reason: string }
  | { readonly kind: 'fetching'; readonly missing: string | null }
  | { readonly kind: 'completing' }
  | { readonly kind: 'paused'; readonly cause: PauseCause; readonly reason: string | null }
  | { readonly kind: 'held'; readonly by: Holder; readonly reason: string; readonly before: BeforeHold }
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly reason: string | null }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'forgotten' };

/** Where a held download returns to: a run that was interrupted begins again by finding sources. */
export type BeforeHold = 'queued' | 'finding sources';

/** Why a download can't be had at all; `internal` comes from earlier versions. */
export type FailureCode = 'invalid-document' | 'internal';

/** What happens to a download. */
export type DownloadEvent =
  /** A replica begins to work on it. */
  | { readonly kind: 'claimed' }
  | { readonly kind: 'lacks sources'; readonly reason: string }
  /** At least one source is at work; `missing` is why the rest can't be had now, for people. */
  | { readonly kind: 'fetches'; readonly missing: string | null }
  /** All pieces are here and verified: the file gets its place. */
  | { readonly kind: 'completes' }
  /** The work ended early, such as when the service stops. */
  | { readonly kind: 'stopped' }
  /** It gives its place at work to others. */
  | { readonly kind: 'yielded'; readonly shortage: Shortage }
  | { readonly kind: 'obstructed'; readonly cause: 'crash' | 'budget' | 'disk' | 'internal'; readonly reason: string }
  | { readonly kind: 'held'; readonly by: Holder; readonly reason: string }
  | { readonly kind: 'released'; readonly by: Holder }
  | { readonly kind: 'owner paused' }
  | { readonly kind: 'owner resumed' }
  /** The owner wants it from now on, whatever ended it or is in its way. */
  | { readonly kind: 'retried' }
  | DownloadEnding;

/** How a download ends. */
export type DownloadEnding =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly reason: string | null }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'forgotten' };

/** What happens to a download and does not end it. */
type Happening = Exclude<DownloadEvent, DownloadEnding>;
type State<Kind extends DownloadState['kind']> = Extract<DownloadState, { kind: Kind }>;

/** A new download. */
export const QUEUED: DownloadState = { kind: 'queued', after: null };
const STARTING: DownloadState = { kind: 'finding sources', reason: 'Peers that have this document are looked for.' };

/** Whether a replica works on a download in this state, or did when it died. */
export const isAtWork = ({ kind }: DownloadState): boolean =>
  kind === 'finding sources' || kind === 'fetching' || kind === 'completing';

/** Whether a download has ended. */
export const isEnded = ({ kind }: DownloadState): boolean =>
  kind === 'completed' || kind === 'failed' || kind === 'cancelled' || kind === 'forgotten';

/**
 * Returns the state after an event. An event that makes no sense in a state is ignored: the same object is returned.
 * Replicas and replayed facts deliver events late, so none is an error.
 *
 * - `forgotten` is final; from `completed` only `forgotten` follows.
 * - `failed` and `cancelled` end with a retry, or when the document is here after all.
 * - A pause by the owner ends with `owner resumed` alone, or with an end; a pause after crashes with `retried`.
 * - A held download runs again after its release by the same holder alone.
 */
export function next(state: DownloadState, event: DownloadEvent): DownloadState {
  if (state.kind === 'forgotten') return state;
  if (event.kind === 'forgotten') return { kind: 'forgotten' };
  if (state.kind === 'completed') return state;
  if (isEnding(event)) return event;
  switch (state.kind) {
    case 'failed':
    case 'cancelled':
      return event.kind === 'retried' ? QUEUED : state;
    case 'held':
      return afterHeld(state, event);
    case 'paused':
      if (state.cause === 'owner') return afterOwnersPause(state, event);
      return state.cause === 'crash' ? afterCrash(state, event) : afterWaiting(state, event);
    case 'queued':
      return afterWaiting(state, event);
    case 'finding sources':
    case 'fetching':
    case 'completing':
      return afterWork(state, event);
  }
}

const isEnding = (event: DownloadEvent): event is DownloadEnding =>
  event.kind === 'completed' || event.kind === 'failed' || event.kind === 'cancelled' || event.kind === 'forgotten';

const afterOwnersPause = (state: State<'paused'>, event: Happening): DownloadState =>
  event.kind === 'owner resumed' ? QUEUED : state;

/** Only its owner ends it: by a retry, by a resume (which is a retry as well), or by a pause of their own. */
function afterCrash(state: State<'paused'>, event: Happening): DownloadState {
  if (event.kind === 'owner paused') return OWNERS_PAUSE;
  return event.kind === 'retried' ? QUEUED : state;
}

function afterHeld(state: State<'held'>, event: Happening): DownloadState {
  switch (event.kind) {
    case 'released':
      if (event.by !== state.by) return state;
      return state.before === 'queued' ? QUEUED : STARTING;
    case 'held':
      return event.by === state.by && event.reason !== state.reason ? { ...state, reason: event.reason } : state;
    case 'owner paused':
      return OWNERS_PAUSE;
    case 'claimed':
    case 'lacks sources':
    case 'fetches':
    case 'completes':
    case 'stopped':
    case 'yielded':
    case 'obstructed':
    case 'owner resumed':
    case 'retried':
      return state;
  }
}

/** From the queue, or from a pause that ends with the next try. */
function afterWaiting(state: State<'queued' | 'paused'>, event: Happening): DownloadState {
  switch (event.kind) {
    case 'claimed':
      return STARTING;
    case 'held':
      return { ...event, before: 'queued' };
    case 'owner paused':
      return OWNERS_PAUSE;
    case 'retried':
      return QUEUED;
    case 'lacks sources':
    case 'fetches':
    case 'completes':
    case 'stopped':
    case 'yielded':
    case 'obstructed':
    case 'released':
    case 'owner resumed':
      return state;
  }
}

function afterWork(state: State<'finding sources' | 'fetching' | 'completing'>, event: Happening): DownloadState {
  switch (event.kind) {
    case 'claimed': // again, after the replica that worked on it died
      return STARTING;
    case 'lacks sources':
      return isSame(state, 'finding sources', event.reason) ? state : { kind: 'finding sources', reason: event.reason };
    case 'fetches':
      return isSame(state, 'fetching', event.missing) ? state : { kind: 'fetching', missing: event.missing };
    case 'completes':
      return state.kind === 'completing' ? state : { kind: 'completing' };
    case 'stopped':
      return QUEUED;
    case 'yielded':
      return { kind: 'queued', after: event.shortage };
    case 'obstructed':
      return { kind: 'paused', cause: event.cause, reason: event.reason };
    case 'held':
      return { ...event, before: 'finding sources' };
    case 'owner paused':
      return OWNERS_PAUSE;
    case 'released':
    case 'owner resumed':
    case 'retried':
      return state;
  }
}

const OWNERS_PAUSE: DownloadState = { kind: 'paused', cause: 'owner', reason: null };

function isSame(state: DownloadState, kind: DownloadState['kind'], text: string | null): boolean {
  if (state.kind !== kind) return false;
  return (state.kind === 'fetching' ? state.missing : state.kind === 'finding sources' && state.reason) === text;
}
