import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

type Answer = { status: number; type: string; body: string };

/** Answers /metrics and /health/* for every service, ahead of anything else that its HTTP server does. */
export function operationsMiddleware({ health, metrics }: { health: Health; metrics: Metrics }) {
  const routes: Record<string, () => Promise<Answer>> = {
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.expose() }),
    '/health/live': async () => json(200, { status: 'live' }),
    '/health/ready': async () => readiness(await health.report(), await health.notices()),
  };
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const route = routes[request.url?.split('?')[0] ?? ''];
    if (!route || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
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

const json = (status: number, body: object): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
