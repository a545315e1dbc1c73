import { describeError } from '@allibrary/messaging';

/** The disk or the folder does not let us write: waiting, or the operator, can help. */
export class LocalFailure extends Error {
  override readonly name = 'LocalFailure';
}

/** Marks an error as one of our own disk. */
export const local = <T>(work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) =>
    Promise.reject(cause instanceof LocalFailure ? cause : new LocalFailure(describeError(cause), { cause })),
  );
