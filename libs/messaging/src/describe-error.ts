import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

const MOST_CHARACTERS = 500;
/** Reasons of one combined failure that are shown. */
const MOST_REASONS = 3;

/** What the system's error codes mean, as errno(3) has them. */
const SYSTEM_CODES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'another program listens there',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the other side closed the connection',
  EDQUOT: 'the disk quota is used up',
  EHOSTUNREACH: 'no route to the host',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  ENETUNREACH: 'no route to the network',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on device',
  ENOTFOUND: 'unknown host name',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ETIMEDOUT: 'no answer',
};

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const SQLITE_CODES: Readonly<Record<number, string>> = {
  5: 'another process uses the database',
  8: 'the database is read-only',
  10: 'the disk of the database reports an error',
  11: 'the database is damaged',
  13: 'no space left on device for the database',
  14: 'the database cannot be opened',
  26: 'the file is no database',
};

interface SystemError extends Error {
  readonly code?: unknown;
  readonly errcode?: number;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/** The reason of anything that was thrown, for people, in one line. */
export function describeError(error: unknown): string {
  return reasonOf(error).replaceAll(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Its own message, "All promises were rejected", has no reason in it.
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(reasonOf))].slice(0, MOST_REASONS).join('; ');
  // The message of fetch, "fetch failed", has none either.
  if (error.message === 'fetch failed' && error.cause !== undefined) return reasonOf(error.cause);
  return busReason(error) ?? systemReason(error) ?? (error.message || error.name);
}

function busReason(error: Error): string | undefined {
  if (error instanceof errors.TimeoutError) return 'no answer in time';
  if (!(error instanceof JetStreamApiError)) return undefined;
  if (error.code === JetStreamApiCodes.StreamNotFound) return 'the bus has no such stream yet, or has lost it';
  return error.code === JetStreamApiCodes.ConsumerNotFound ? 'the bus has lost a consumer' : undefined;
}

function systemReason({ code, errcode, path, address, port, hostname, message }: SystemError): string | undefined {
  if (typeof errcode === 'number') {
    const known = SQLITE_CODES[errcode & 0xff];
    return known && `${known} (${message})`;
  }
  const known = typeof code === 'string' ? SYSTEM_CODES[code] : undefined;
  if (!known) return undefined;
  const where = path ?? (address && (port ? `${address} port ${port}` : address)) ?? hostname;
  return where ? `${known}: ${where} (${String(code)})` : `${known} (${String(code)})`;
}
