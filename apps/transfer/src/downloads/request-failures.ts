import type { FailureCode, ItemFailure } from '@allibrary/contracts';
import { InvalidCid } from '@allibrary/core';
import { RequestFailure, isNoSpace, toRequestFailure } from '@allibrary/messaging';
import type { z } from 'zod';
import { diskIsFull } from '@allibrary/platform';
import { InvalidCursor } from '../catalog/cursor.ts';
import { ContradictsState } from './orders/download-commands.ts';
import { UnknownDownload } from './download-view.ts';
import { type Attempt, DocumentIsHere } from './downloads.ts';

const CODES: readonly [abstract new (...args: never[]) => Error, FailureCode][] = [
  [InvalidCid, 'invalid'],
  [InvalidCursor, 'invalid'],
  [UnknownDownload, 'not-found'],
  [DocumentIsHere, 'conflict'],
  [ContradictsState, 'conflict'],
];

/** Returns what the work does; its own errors become those that the sender of a request knows. */
export async function answering<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): unknown {
  const known = CODES.find(([type]) => error instanceof type);
  if (known) return new RequestFailure(known[1], (error as Error).message, { cause: error });
  if (!isNoSpace(error)) return error;
  return new RequestFailure('unavailable', `Nothing was accepted: ${diskIsFull('the data folder')}.`, { cause: error });
}

/** The value of a successful attempt; throws the failure of another one. */
export function valueOf<T>(attempt: Attempt<T> | undefined): T {
  if (attempt && 'value' in attempt) return attempt.value;
  throw failureOf(attempt?.error);
}

/** What one of several attempts gives, or why it failed. */
export function itemOf<T>(
  attempt: Attempt<T>,
): { value: T; failure: null } | { value: null; failure: z.output<typeof ItemFailure> } {
  if ('value' in attempt) return { value: attempt.value, failure: null };
  const { code, message } = toRequestFailure(failureOf(attempt.error));
  return { value: null, failure: { code, message } };
}
