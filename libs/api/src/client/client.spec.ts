// Real: a node:http server that records requests; no gateway.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient, ApiError } from './client.ts';

const seen: { method: string; url: string; authorization: string; body: string }[] = [];
let reply: { status: number; body: string } = { status: 200, body: '{}' };

const server = createServer((request, response) => {
  const { method = '', url = '', headers } = request;
  text(request).then(
    (body) => {
      seen.push({ method, url, authorization: headers.authorization ?? '', body });
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
    },
    () => response.destroy(),
  );
});
let client: ApiClient;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  client = new ApiClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'key' });
});
afterAll(() => void server.close());

test('a call sends path, query, key and body as the route defines them', async () => {
  await client.call('GET /search', { query: { q: 'a&b c', limit: 5 } });
  await client.call('PATCH /downloads/:id', { params: { id: 'x/y' }, body: { priority: 'high' } });
  expect(seen.splice(0)).toEqual([
    { method: 'GET', url: '/api/v1/search?q=a%26b+c&limit=5', authorization: 'Bearer key', body: '' },
    { method: 'PATCH', url: '/api/v1/downloads/x%2Fy', authorization: 'Bearer key', body: '{"priority":"high"}' },
  ]);
});

test('an error response becomes an ApiError with its status, code and message', async () => {
  reply = { status: 404, body: '{"error":{"code":"not-found","message":"no such download"}}' };
  const refusal = await client.call('GET /downloads/:id', { params: { id: 'x' } }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ApiError);
  expect(refusal).toMatchObject({ status: 404, code: 'not-found', message: 'no such download' });
});

test('an empty reply is undefined', async () => {
  reply = { status: 204, body: '' };
  expect(await client.call('DELETE /downloads/:id', { params: { id: 'x' } })).toBeUndefined();
});

test('an unreachable node is an ApiError with status 0', async () => {
  const away = new ApiClient({ url: 'http://127.0.0.1:1' });
  await expect(away.call('GET /status', {})).rejects.toMatchObject({ status: 0, code: 'no-answer' });
});

test('a call can be aborted', async () => {
  await expect(client.call('GET /status', {}, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});
