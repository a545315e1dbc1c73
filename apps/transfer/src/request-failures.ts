import type { FailureCode } from '@allibrary/contracts';
import { InvalidCid } from '@allibrary/core';
import { RequestFailure } from '@allibrary/messaging';
import { InvalidCursor } from './domain/cursor.ts';
import { DocumentIsHere, UnknownDownload } from './downloads/downloads.ts';

const CODES: readonly [abstract new (...args: never[]) => Error, FailureCode][] = [
  [InvalidCid, 'invalid'],
  [InvalidCursor, 'invalid'],
  [UnknownDownload, 'not-found'],
  [DocumentIsHere, 'conflict'],
];

/** Answers with what the work gives; its own errors become those that askers know. */
export async function answering<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const known = CODES.find(([type]) => error instanceof type);
    if (known) throw new RequestFailure(known[1], (error as Error).message, { cause: error });
    throw error;
  }
}
