import type { Response } from 'express';
import type { Shutdown } from './shutdown.ts';

/** Returns a signal that aborts when the client disconnects or the service stops. */
export function answerSignal(response: Response, shutdown: Shutdown): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the client has gone')));
  return AbortSignal.any([gone.signal, shutdown.signal]);
}
