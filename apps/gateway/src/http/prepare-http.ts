import { join } from 'node:path';
import { API_ROOT } from '@allibrary/api';
import { Metrics } from '@allibrary/platform';
import { BadRequestException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { Admission } from '../auth/admission.ts';
import { admitFirst, refuseBodies } from './admit-first.ts';
import { MOST_LEVELS, isDeeperThan } from './body-depth.ts';
import { serveApiDescription } from './open-api.ts';
import { requestMetrics } from './request-metrics.ts';

const BODY_LIMIT = '64kb';
const WEB_PAGE_FOLDER = join(import.meta.dirname, '../../dist/web');

/** Only this server's files and no inline script; documents are never shown inside the page. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Prepares the HTTP server: metrics, headers, the limit of bodies, the OpenAPI pages and the web page. */
export function prepareHttp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.use(requestMetrics(app.get(Metrics)));
  app.use(defensiveHeaders);
  app.use(API_ROOT, admitFirst(app.get(Admission)));
  app.use(refuseBodies(API_ROOT));
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.use(refuseDeepBodies);
  serveApiDescription(app);
  app.useStaticAssets(WEB_PAGE_FOLDER, {
    setHeaders: (response: Response) => {
      response.setHeader('Content-Security-Policy', PAGE_POLICY);
      response.setHeader('Cache-Control', 'no-cache');
    },
  });
}

function refuseDeepBodies({ body }: Request, _response: Response, next: NextFunction): void {
  const isTooDeep = isDeeperThan(MOST_LEVELS, body);
  next(isTooDeep ? new BadRequestException(`the body is nested more than ${MOST_LEVELS} levels deep`) : undefined);
}

/** No other site may embed, sniff or read the responses. */
function defensiveHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Frame-Options', 'DENY');
  next();
}
