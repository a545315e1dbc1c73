import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Health } from './health.ts';
import { isOwnName } from './host-names.ts';
import type { Metrics } from './metrics.ts';

type Answer = { status: number; type: string; body: string };

/** Sources of the responses. */
export interface OperationsOptions {
  readonly health: Health;
  readonly metrics: Metrics;
  /** Host names with dots under which the paths are served. */
  readonly names: readonly string[];
}

const FOREIGN_NAME = json(403, {
  status: STATUS_CODES[403],
  message: 'Ask by IP address or by a name without dots, or add this host name to ALLIBRARY_METRICS_HOSTS.',
});

/** Answers /metrics and /health/* for every service, ahead of anything else that its HTTP server does. */
export function operationsMiddleware({ health, metrics, names }: OperationsOptions) {
  const routes: Record<string, () => Promise<Answer>> = {
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.expose() }),
    '/health/live': async () => json(200, { status: 'live' }),
    '/health/ready': async () => readiness(await health.report(), await health.notices()),
  };
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const route = routes[request.url?.split('?')[0] ?? ''];
    if (!route || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
    if (!isOwnName(request.headers.host, names)) return send(response, FOREIGN_NAME);
    route().then(
      (answer) => send(response, answer),
      (error: unknown) => send(response, json(500, { status: STATUS_CODES[500], message: String(error) })),
    );
  };
}

function readiness(checks: Record<string, string | null>, notices: Record<string, string>): Answer {
  const ready = Object.values(checks).every((problem) => problem === null);
  return json(ready ? 200 : 503, {
    status: ready ? 'ready' : 'not ready',
    checks,
    ...(Object.keys(notices).length > 0 && { notices }),
  });
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
