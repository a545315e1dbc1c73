// Real: nats-server, the gateway with its HTTP server, sockets. No other service runs.
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestGateway, startTestGateway } from '../testing/test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway([]);
});
afterAll(() => gateway.stop());

/** Sends the head of a request that announces a body, and no body; resolves with the answer once the server closes. */
async function announceBody(head: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const lines = [...head, `Host: ${hostname}:${port}`, 'Content-Type: application/json', 'Content-Length: 60000'];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

/** `fetch` does not let its caller choose the host name. */
async function statusFor(path: string, host: string): Promise<number | undefined> {
  const [response] = (await once(httpGet(gateway.url + path, { headers: { host } }), 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const wrongKeys = async (): Promise<number> => {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(/^allibrary_wrong_api_keys_total\S* (\d+)$/m.exec(metrics)?.[1]);
};

test('a request without the key, or to a path that accepts no body, is refused before its body arrives', async () => {
  expect(await announceBody(['POST /api/v1/downloads HTTP/1.1'])).toMatch(/^HTTP\/1\.1 401 [^]*unauthorized/);
  expect(await announceBody(['POST /API/v1/downloads HTTP/1.1', 'Authorization: Bearer wrong'])).toMatch(
    /^HTTP\/1\.1 401 /,
  );
  expect(await announceBody(['POST / HTTP/1.1'])).toMatch(/^HTTP\/1\.1 404 /);
});

test('wrong keys are counted, too many at once get 429, and the right key works afterwards', async () => {
  const before = await wrongKeys();
  const guess = async (key: number) =>
    (await gateway.ask('/api/v1/status', { headers: { authorization: `Bearer wrong-${key}` } })).status;
  const answers = await Promise.all(Array.from({ length: 60 }, (_, key) => guess(key)));
  expect(new Set(answers)).toEqual(new Set([401, 429]));
  expect(await wrongKeys()).toBe(before + 60);
  expect((await gateway.ask('/api/v1/status')).status).toBe(200);
});

test.each(['/metrics', '/health/ready', '/health/live'])(
  '%s refuses a host name that a foreign page may have pointed at this machine',
  async (path) => {
    expect(await statusFor(path, 'evil.example')).toBe(403);
    expect(await statusFor(path, 'localhost:8080')).not.toBe(403);
  },
);

test.each([
  ['x-forwarded-proto', 'https'],
  ['origin', 'https://library.example'],
])('behind a proxy with TLS the cookie is Secure: %s', async (name, value) => {
  const cookieOf = async (headers: Record<string, string>) =>
    (await gateway.ask('/api/v1/session', { method: 'POST', headers })).headers.get('set-cookie');
  expect(await cookieOf({ [name]: value })).toContain('Secure');
  expect(await cookieOf({})).not.toContain('Secure');
});
