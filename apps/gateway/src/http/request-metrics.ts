import { Metrics } from '@allibrary/platform';
import type { NextFunction, Request, Response } from 'express';

/** Counts and times requests by the template of their route, never by their path. */
export function requestMetrics(metrics: Metrics) {
  const requests = metrics.counter({
    name: 'allibrary_http_requests_total',
    help: 'HTTP requests, by route, method and class of status.',
    labelNames: ['route', 'method', 'status'],
  });
  const seconds = metrics.histogram({
    name: 'allibrary_http_request_seconds',
    help: 'How long a request took, to the last byte of its answer.',
    labelNames: ['route', 'method'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    response.once('close', () => {
      const labels = { route: routeOf(request), method: request.method };
      requests.inc({ ...labels, status: `${Math.trunc(response.statusCode / 100)}xx` });
      seconds.observe(labels, (performance.now() - startedAt) / 1_000);
    });
    next();
  };
}

/** Files of the web page and unknown paths have no route. */
function routeOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'none';
}
