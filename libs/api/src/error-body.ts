import { FailureCode } from '@allibrary/contracts';
import { z } from 'zod';

/** Codes of the gateway's own errors, in addition to the failures of the services. */
const RefusalCode = z.enum(['unauthorized', 'forbidden', 'too-large', 'range-not-satisfiable', 'too-many-attempts']);

export const ErrorCode = z.enum([...FailureCode.options, ...RefusalCode.options]);
export type ErrorCode = z.output<typeof ErrorCode>;

/** Body of every error response: `code` for programs, `message` for people. */
export const ErrorBody = z.object({ error: z.object({ code: ErrorCode, message: z.string() }) }).meta({ id: 'Error' });
export type ErrorBody = z.output<typeof ErrorBody>;
