import { NotFoundException } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Admission } from '../auth/admission.ts';

/** Admits or refuses a request before its body is read: strangers cannot make the gateway buffer anything. */
export const admitFirst =
  (admission: Admission): RequestHandler =>
  (request: Request, _response: Response, next: NextFunction): void => {
    admission.admit(request).then(() => next(), next);
  };

/** Refuses requests that may have a body outside the REST interface, where no route accepts one. */
export const refuseBodies =
  (apiRoot: string): RequestHandler =>
  (request: Request, _response: Response, next: NextFunction): void => {
    const isApi = `${request.path.toLowerCase()}/`.startsWith(`${apiRoot}/`);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    next(isApi || isRead ? undefined : new NotFoundException(`no route accepts ${request.method} ${request.path}`));
  };
