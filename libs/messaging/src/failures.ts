import { FailureCode } from '@allibrary/contracts';
import { ZodError, z } from 'zod';

/** A request that was answered with an error: `code` for programs, `message` for people. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown by an event handler when no retry can help: the message goes to the dead letters at once. */
export class Unrecoverable extends Error {
  override readonly name = 'Unrecoverable';
}

/** Turns whatever a responder threw into what the asker may see. */
export function toRequestFailure(error: unknown): RequestFailure {
  if (error instanceof RequestFailure) return error;
  if (error instanceof ZodError) return new RequestFailure('invalid', z.prettifyError(error), { cause: error });
  return new RequestFailure('internal', describeError(error), { cause: error });
}

/** The message of anything that was thrown, in one line. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 500);
}
