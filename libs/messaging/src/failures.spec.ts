import { expect, test } from 'vitest';
import { z } from 'zod';
import { NotStored, RequestFailure, isTemporary, toRequestFailure } from './failures.ts';

const full = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });

test('a full disk is a state of the node that its owner can change, not a defect', () => {
  expect(toRequestFailure(full)).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/no space.*make room/),
  });
  expect(toRequestFailure(new Error('not written', { cause: full }))).toMatchObject({ code: 'unavailable' });
});

test('a failure keeps its code, an invalid message names its problem, and any other error is internal', () => {
  const conflict = new RequestFailure('conflict', 'it was changed meanwhile');
  expect(toRequestFailure(conflict)).toBe(conflict);
  const { error } = z.object({ limit: z.number() }).safeParse({});
  expect(toRequestFailure(error)).toMatchObject({ code: 'invalid', message: expect.stringMatching(/^limit: /) });
  expect(toRequestFailure(new Error('a defect'))).toMatchObject({ code: 'internal', message: 'a defect' });
});

test('a full disk, a bus that does not store and a service that is away are temporary', () => {
  for (const error of [full, new NotStored('no answer'), new RequestFailure('unavailable', 'it is starting')])
    expect(isTemporary(new Error('not done', { cause: error }))).toBe(true);
  expect(isTemporary(new RequestFailure('invalid', 'no number'))).toBe(false);
});
