import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import type { Request } from 'express';
import { isSameOrigin } from './request-origin.ts';
import { Sessions } from './sessions.ts';
import { ApiKey } from './api-key.ts';
import { sessionToken } from './session-cookie.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD']);

/** Accepts requests with the API key, or with the cookie of a session that the key has opened. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly apiKey: ApiKey,
    private readonly sessions: Sessions,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const shown = bearerToken(request.headers.authorization);
    if (shown !== undefined) {
      if (this.apiKey.matches(shown)) return true;
      throw new UnauthorizedException('the API key is wrong; the right one is in the file api-key of the data folder');
    }
    if (!this.sessions.isOpen(sessionToken(request) ?? '', Date.now()))
      throw new UnauthorizedException('an API key is required: send Authorization: Bearer KEY');
    if (!SAFE_METHODS.has(request.method) && !isSameOrigin(originHeaders(request)))
      throw new ForbiddenException('a session serves its own page only; other programs send Authorization: Bearer KEY');
    return true;
  }
}

const bearerToken = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];

const originHeaders = ({ headers }: Request) => ({
  secFetchSite: headers['sec-fetch-site'] as string | undefined,
  origin: headers.origin,
  host: headers.host,
});
