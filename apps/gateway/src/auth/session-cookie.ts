import type { Request, Response } from 'express';
import { SESSION_MS } from './sessions.ts';

/** Reads the session token that a request carries. */
export function sessionToken(request: Request): string | undefined {
  const prefix = `${cookieName(request)}=`;
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length);
}

/** Sets the session cookie, which scripts and other sites cannot read. */
export function setSessionCookie(request: Request, response: Response, token: string): void {
  response.cookie(cookieName(request), token, { ...attributesFor(request), maxAge: SESSION_MS });
}

/** Clears the session cookie. */
export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(cookieName(request), attributesFor(request));
}

const attributesFor = (request: Request) =>
  ({ httpOnly: true, sameSite: 'strict', secure: isReachedByTls(request), path: '/api' }) as const;

/** Whether the browser speaks TLS, with this server or with a proxy in front of it. A client that forges these headers harms only itself. */
const isReachedByTls = (request: Request): boolean =>
  request.secure || request.get('x-forwarded-proto') === 'https' || (request.get('origin') ?? '').startsWith('https:');

/** Browsers store cookies by host and ignore the port: two nodes on one host need different names. */
const cookieName = (request: Request): string => `allibrary-session-${request.socket.localPort}`;
