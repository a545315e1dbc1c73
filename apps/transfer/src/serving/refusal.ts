import { InvalidCid } from '@allibrary/core';
import { FlowRefused } from '../limits/fair/throttle.ts';
import { ProtocolViolation } from '../wire/frames.ts';
import { RefusalCode } from '../wire/messages.ts';
import { DocumentReadError, type DocumentReadFailure } from './shared-documents.ts';

/** A budget that is used up does not grow within minutes. */
const BUDGET_PAUSE_MS = 600_000;

/** Refusal of one request, as the peer receives it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** How long the peer should wait before it asks again; 0 is unknown. */
  readonly retryAfterMs: number;

  constructor(
    readonly code: RefusalCode,
    message: string,
    { retryAfterMs = 0, ...options }: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The peer learns no more of a file than it needs: whether to ask again, and for what. */
const READ_FAILURES: Record<DocumentReadFailure, readonly [RefusalCode, string]> = {
  'not-here': [RefusalCode.NotShared, 'this document is not shared here'],
  'no-such-piece': [RefusalCode.Malformed, 'the document has no such piece'],
  damaged: [RefusalCode.Unreadable, 'this piece is damaged here'],
  gone: [RefusalCode.Unreadable, 'the file is gone'],
  changed: [RefusalCode.Unreadable, 'the file changed and is not hashed again yet'],
  unreadable: [RefusalCode.Unreadable, 'the file cannot be read'],
};

/** Translates any error into a refusal; a failure of this node is not reported as a fault of the request. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DocumentReadError) return new Refusal(...READ_FAILURES[error.code], { cause: error });
  if (error instanceof FlowRefused)
    return new Refusal(RefusalCode.Busy, error.message, { retryAfterMs: BUDGET_PAUSE_MS });
  const isMalformed = error instanceof InvalidCid || error instanceof ProtocolViolation;
  return isMalformed
    ? new Refusal(RefusalCode.Malformed, 'the request is not understood')
    : new Refusal(RefusalCode.Unreadable, 'it could not be read here');
}
