import { type ErrorBody, ErrorCode } from '@allibrary/api';
import { RequestFailure } from '@allibrary/messaging';
import { HttpException } from '@nestjs/common';

/** Maps our codes to HTTP's. */
const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'range-not-satisfiable': 416,
  'too-many-attempts': 429,
  internal: 500,
  unavailable: 503,
};

/** An error as an HTTP response. */
export interface HttpError {
  readonly status: number;
  readonly body: ErrorBody;
}

/** Converts whatever was thrown into what the client may see. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof RequestFailure && error.code !== 'internal') return httpError(error.code, error.message);
  if (error instanceof HttpException) return httpError(codeOf(error.getStatus()), error.message);
  if (isMiddlewareError(error)) return httpError(codeOf(error.statusCode), error.message);
  return httpError(
    'internal',
    'The gateway failed at this request. Its log has the reason: logs/gateway.log in the data folder.',
  );
}

const httpError = (code: ErrorCode, message: string): HttpError => ({
  status: STATUS[code],
  body: { error: { code, message } },
});

function codeOf(status: number): ErrorCode {
  const found = ErrorCode.options.find((code) => STATUS[code] === status);
  return found ?? (status < 500 ? 'invalid' : 'internal');
}

/** Express' own parsers throw errors of the package http-errors; those of 4xx are the client's to know. */
const isMiddlewareError = (error: unknown): error is Error & { statusCode: number } =>
  error instanceof Error && 'statusCode' in error && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500;
