import { z } from 'zod';

/** Why a request failed; each edge maps these to its own codes (HTTP status, peer refusal). */
export const FailureCode = z.enum([
  /** The request is invalid. */
  'invalid',
  /** The requested item does not exist here. */
  'not-found',
  /** The request conflicts with the current state. */
  'conflict',
  /** The service, or one that it depends on, is not responding; retrying later can help. */
  'unavailable',
  /** An internal error. */
  'internal',
]);
export type FailureCode = z.output<typeof FailureCode>;
