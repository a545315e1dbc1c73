import { RequestFailure } from '@allibrary/messaging';
import { HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { toHttpError } from './http-error.ts';

describe('toHttpError', () => {
  test.each([
    ['invalid', 400],
    ['not-found', 404],
    ['conflict', 409],
    ['unavailable', 503],
  ] as const)('%s is %d, with the message of the service', (code, status) => {
    const body = { error: { code, message: 'the reason' } };
    expect(toHttpError(new RequestFailure(code, 'the reason'))).toEqual({ status, body });
  });

  test.each([new RequestFailure('internal', 'a secret'), new Error('a secret'), 'a secret', undefined])(
    'a defect reveals no details: %s',
    (error) => {
      const { status, body } = toHttpError(error);
      expect(status).toBe(500);
      expect(body.error.code).toBe('internal');
      expect(body.error.message).not.toContain('secret');
    },
  );

  test('errors of Nest and of Express keep their status where we have a code for it', () => {
    const tooLarge = Object.assign(new Error('too much'), { statusCode: 413 });
    expect(toHttpError(new NotFoundException('no such path')).body.error.code).toBe('not-found');
    expect(toHttpError(tooLarge)).toMatchObject({ status: 413, body: { error: { code: 'too-large' } } });
    expect(toHttpError(new HttpException('teapot', 418))).toMatchObject({ status: 400 });
  });
});
