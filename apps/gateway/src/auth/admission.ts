import { setTimeout as delay } from 'node:timers/promises';
import type { LogSums, Logger, Metrics } from '@allibrary/platform';
import { ForbiddenException, HttpException, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';
import type { ApiKey } from './api-key.ts';
import { callerAddress } from './caller-address.ts';
import { KeyGuesses } from './key-guesses.ts';
import { isSameOrigin } from './request-origin.ts';
import { sessionToken } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD']);

/** Admits requests with the API key, or with the cookie of a session that the key has opened. */
export class Admission {
  readonly #guesses = new KeyGuesses(
    () => performance.now(),
    (ms) => delay(ms, undefined, { ref: false }),
  );
  readonly #wrongKeys;
  readonly #log: LogSums;

  constructor(
    private readonly apiKey: ApiKey,
    private readonly sessions: Sessions,
    metrics: Metrics,
    logger: Logger,
  ) {
    this.#wrongKeys = metrics.counter({
      name: 'allibrary_wrong_api_keys_total',
      help: 'Requests with a wrong API key.',
    });
    this.#log = logger.sums('warn', { what: 'requests with a wrong API key', isUrgent: true });
  }

  /** Rejects with an HTTP error that has the reason, when a request is refused. */
  async admit(request: Request): Promise<void> {
    const shown = bearerToken(request.headers.authorization);
    if (shown !== undefined) return this.#admitKey(shown, callerAddress(request.socket.remoteAddress));
    if (!this.sessions.isOpen(sessionToken(request) ?? '', Date.now()))
      throw new UnauthorizedException('an API key is required: send Authorization: Bearer KEY');
    if (!SAFE_METHODS.has(request.method) && !isSameOrigin(originHeaders(request)))
      throw new ForbiddenException('a session serves its own page only; other programs send Authorization: Bearer KEY');
  }

  async #admitKey(shown: string, address: string): Promise<void> {
    const isUnread = this.#guesses.areTooMany(address);
    if (!isUnread && this.apiKey.matches(shown)) return;
    this.#wrongKeys.inc();
    this.#log.add(address, { address }, `wrong API key from ${address}`);
    if (isUnread) throw new HttpException('too many wrong API keys from this address: try again in a second', 429);
    await this.#guesses.count(address);
    throw new UnauthorizedException('the API key is wrong; the right one is in the file api-key of the data folder');
  }
}

const bearerToken = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];

const originHeaders = ({ headers }: Request) => ({
  secFetchSite: headers['sec-fetch-site'] as string | undefined,
  origin: headers.origin,
  host: headers.host,
});
