import { z } from 'zod';

/** Why a request was not answered; each edge maps these to its own codes (HTTP status, peer refusal). */
export const FailureCode = z.enum([
  /** The question itself is wrong. */
  'invalid',
  /** What was asked for does not exist here. */
  'not-found',
  /** It contradicts the present state. */
  'conflict',
  /** The service, or something it stands on, does not answer now; trying later can help. */
  'unavailable',
  /** A defect: the service failed in a way that nobody foresaw. */
  'internal',
]);
export type FailureCode = z.output<typeof FailureCode>;
