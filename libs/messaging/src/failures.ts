import { FailureCode } from '@allibrary/contracts';
import { ZodError } from 'zod';
import { describeError } from './describe-error.ts';
import { isNoSpace } from './no-space.ts';

const MOST_ISSUES = 10;

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

/** Thrown by `Bus.publish` when the broker did not store an event: it is away, or its disk is full. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

/**
 * Whether an error is about the state of this node and not about the message: the disk is full, the bus does not store,
 * a service is away. Such an error may last for hours, and no message is given up because of it.
 */
export function isTemporary(error: unknown): boolean {
  if (isNoSpace(error)) return true;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NotStored) return true;
    if (cause instanceof RequestFailure && cause.code === 'unavailable') return true;
  }
  return false;
}

/** Turns whatever a responder threw into what the asker may see. */
export function toRequestFailure(error: unknown): RequestFailure {
  if (error instanceof RequestFailure) return error;
  if (error instanceof ZodError) return new RequestFailure('invalid', issuesOf(error), { cause: error });
  if (isNoSpace(error))
    return new RequestFailure('unavailable', `${describeError(error)}: make room`, { cause: error });
  return new RequestFailure('internal', describeError(error), { cause: error });
}

/** The first problems of a message, in one line. */
const issuesOf = ({ issues }: ZodError): string =>
  issues
    .slice(0, MOST_ISSUES)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
