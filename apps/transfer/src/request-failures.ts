import type { FailureCode, ItemFailure } from '@allibrary/contracts';
import { InvalidCid } from '@allibrary/core';
import { RequestFailure, toRequestFailure } from '@allibrary/messaging';
import type { z } from 'zod';
import { InvalidCursor } from './domain/cursor.ts';
import { ContradictsState } from './domain/download-commands.ts';
import { UnknownDownload } from './downloads/download-view.ts';
import { DocumentIsHere } from './downloads/downloads.ts';

const CODES: readonly [abstract new (...args: never[]) => Error, FailureCode][] = [
  [InvalidCid, 'invalid'],
  [InvalidCursor, 'invalid'],
  [UnknownDownload, 'not-found'],
  [DocumentIsHere, 'conflict'],
  [ContradictsState, 'conflict'],
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

/** Answers for one of several: what it gives, or why it could not be done. */
export async function answeringItem<T>(
  work: () => T | Promise<T>,
): Promise<{ value: T; failure: null } | { value: null; failure: z.output<typeof ItemFailure> }> {
  try {
    return { value: await answering(work), failure: null };
  } catch (error) {
    const { code, message } = toRequestFailure(error);
    return { value: null, failure: { code, message } };
  }
}
