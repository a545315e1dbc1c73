import { ZodError } from 'zod';
import { Unrecoverable } from './failures.ts';
import { isNoSpace } from './no-space.ts';

/** For lack of space a message is retried at least this often, for as long as it takes: work resumes soon after room is made. */
const NO_SPACE_RETRY_MS = 30_000;

/** What becomes of a delivered message. */
export type Settlement =
  /** It is done. */
  | { readonly kind: 'ack' }
  /** It comes again after the pause. */
  | { readonly kind: 'retry'; readonly afterMs: number }
  /** It goes to the dead letters, and never comes again. */
  | { readonly kind: 'bury' };

/** What becomes of a message whose handler returned. */
export const succeeded: Settlement = { kind: 'ack' };

/** Decides what becomes of a message whose handler threw, on its given attempt (1 is the first). */
export function settleFailure(error: unknown, attempt: number, backoffMs: readonly number[]): Settlement {
  const afterMs = backoffMs[attempt - 1];
  if (isNoSpace(error)) return { kind: 'retry', afterMs: Math.min(afterMs ?? NO_SPACE_RETRY_MS, NO_SPACE_RETRY_MS) };
  return isHopeless(error) || afterMs === undefined ? { kind: 'bury' } : { kind: 'retry', afterMs };
}

/** A message that is malformed today is malformed tomorrow. */
const isHopeless = (error: unknown): boolean =>
  error instanceof ZodError || error instanceof SyntaxError || error instanceof Unrecoverable;
