import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifiedDownload } from './verified-download.ts';

const archive = randomBytes(300_000);
const sha256 = createHash('sha256').update(archive).digest('hex');

let server: Server;
let url: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.url === '/archive') response.end(archive);
    else if (request.url === '/forged') response.end(Buffer.concat([archive, Buffer.of(0)]));
    else if (request.url !== '/silent') response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('gives what has the checksum', async () => {
  expect(archive.equals(await verifiedDownload(`${url}/archive`, sha256))).toBe(true);
});

test.each([
  ['/forged', 'has another checksum'],
  ['/gone', 'answers 404'],
  ['/silent', 'does not answer'],
])('gives nothing of %s', async (path, problem) => {
  await expect(verifiedDownload(url + path, sha256)).rejects.toThrow(`${url}${path} ${problem}`);
});

test('says why there is no way to the server', async () => {
  server.close();
  await once(server, 'close');
  await expect(verifiedDownload(`${url}/archive`, sha256)).rejects.toThrow(/can't be reached: .*ECONNREFUSED/);
});
