import type { Request, Response } from 'express';
import { SESSION_MS } from './sessions.ts';

/** Reads the session token that a request carries. */
export function sessionToken(request: Request): string | undefined {
  const prefix = `${cookieName(request)}=`;
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length);
}

/** Hands a session's token to the browser, out of reach of scripts and of other sites. */
export function setSessionCookie(request: Request, response: Response, token: string): void {
  response.cookie(cookieName(request), token, { ...attributesFor(request), maxAge: SESSION_MS });
}

/** Takes the token back. */
export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(cookieName(request), attributesFor(request));
}

const attributesFor = (request: Request) =>
  ({ httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/api' }) as const;

/** Browsers keep cookies by host, whatever the port: two nodes on one host must not take each other's place. */
const cookieName = (request: Request): string => `allibrary-session-${request.socket.localPort}`;
