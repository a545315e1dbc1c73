import { expect, test } from 'vitest';
import { ZodError } from 'zod';
import { Unrecoverable } from './failures.ts';
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
  ['ENOSPC', Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })],
  ['a quota', Object.assign(new Error('disk quota exceeded'), { code: 'EDQUOT' })],
  ['SQLite', Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })],
  ['a cause', new Error('not written', { cause: Object.assign(new Error(), { code: 'ENOSPC' }) })],
])('a message is retried within a minute for as long as space is lacking: %s', (_case, error) => {
  const settle = (attempt: number) => settleFailure(error, attempt, [10, 300_000]);
  expect([settle(1), settle(2), settle(1_000)]).toEqual([
    { kind: 'retry', afterMs: 10 },
    { kind: 'retry', afterMs: 30_000 },
    { kind: 'retry', afterMs: 30_000 },
  ]);
});
