import { expect, test } from 'vitest';
import { ZodError } from 'zod';
import { NotStored, RequestFailure, Unrecoverable } from './failures.ts';
import { settleFailure } from './settlement.ts';

const pauses = [10, 20];

test('a failure is tried again after each pause, and given up when there is none left', () => {
  const settle = (attempt: number) => settleFailure(new Error('not now'), attempt, pauses);
  expect([settle(1), settle(2), settle(3)]).toEqual([
    { kind: 'retry', afterMs: 10 },
    { kind: 'retry', afterMs: 20 },
    { kind: 'bury' },
  ]);
});

test('what is malformed, or hopeless by its own word, is never tried again', () => {
  for (const error of [new ZodError([]), new SyntaxError('no JSON'), new Unrecoverable('hopeless')]) {
    expect(settleFailure(error, 1, pauses)).toEqual({ kind: 'bury' });
  }
});

test.each([
  ['a full disk', Object.assign(new Error('no space left'), { code: 'ENOSPC' })],
  ['a full quota', Object.assign(new Error('quota'), { code: 'EDQUOT' })],
  ['a full disk below SQLite', Object.assign(new Error('database or disk is full'), { errcode: 13 })],
  ['a bus that does not store', new NotStored('insufficient resources')],
  ['a service that is away', new RequestFailure('unavailable', 'nobody serves it now')],
  ['any of them as the cause', new Error('a file', { cause: new NotStored('no stream response') })],
])('%s gives up no message, however long it lasts, and is over within 15 s', (_, error) => {
  const long = [500, 300_000];
  for (const attempt of [2, 3, 1_000]) {
    expect(settleFailure(error, attempt, long)).toEqual({ kind: 'retry', afterMs: 15_000 });
  }
  expect(settleFailure(error, 1, long)).toEqual({ kind: 'retry', afterMs: 500 });
});

test('a refusal by another service is no state of the node', () => {
  const refusal = new RequestFailure('not-found', 'there is none');
  expect(settleFailure(refusal, 3, pauses)).toEqual({ kind: 'bury' });
});
