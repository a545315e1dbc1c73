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
