import { describeError } from '@allibrary/messaging';

/** The disk or the folder cannot be written to: waiting, or the operator, can help. */
export class LocalFailure extends Error {
  override readonly name: string = 'LocalFailure';
  /** Why the download waits, for programs. */
  readonly downloadCause: 'disk' | 'collection' = 'disk';
}

/** Marks an error as one of our own disk. */
export const local = <T>(work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) =>
    Promise.reject(cause instanceof LocalFailure ? cause : new LocalFailure(describeError(cause), { cause })),
  );
