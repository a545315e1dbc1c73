import { ZodError } from 'zod';
import { Unrecoverable, isTemporary } from './failures.ts';

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

/** A full disk that has room again, or a service that is back, is noticed within this time. */
const LONGEST_TEMPORARY_PAUSE_MS = 15_000;

/** Decides what becomes of a message whose handler threw, on its given attempt (1 is the first). */
export function settleFailure(error: unknown, attempt: number, backoffMs: readonly number[]): Settlement {
  const afterMs = backoffMs[attempt - 1];
  if (isTemporary(error)) {
    return { kind: 'retry', afterMs: Math.min(afterMs ?? LONGEST_TEMPORARY_PAUSE_MS, LONGEST_TEMPORARY_PAUSE_MS) };
  }
  return isHopeless(error) || afterMs === undefined ? { kind: 'bury' } : { kind: 'retry', afterMs };
}

/** A message that is malformed today is malformed tomorrow. */
const isHopeless = (error: unknown): boolean =>
  error instanceof ZodError || error instanceof SyntaxError || error instanceof Unrecoverable;
